package dev.zoetrope.cli;

import dev.zoetrope.diffusion.model.ModelOptions.Lora;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code FILE[:STRENGTH]}. A name with a colon in it is taken whole where there is such a file. */
final class LoraChoice implements ITypeConverter<Lora> {
    @Override
    public Lora convert(String value) {
        int colon = value.lastIndexOf(':');
        if (colon < 0 || Files.exists(Path.of(value))) {
            return new Lora(Path.of(value), 1);
        }
        try {
            return new Lora(Path.of(value.substring(0, colon)), Double.parseDouble(value.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new TypeConversionException("\"" + value.substring(colon + 1)
                    + "\" is no strength; expected FILE or FILE:STRENGTH, such as style.safetensors:0.8");
        }
    }
}
