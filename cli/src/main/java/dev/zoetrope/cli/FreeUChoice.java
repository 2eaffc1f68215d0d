package dev.zoetrope.cli;

import dev.zoetrope.diffusion.unet.FreeU;
import dev.zoetrope.tensor.ZoetropeException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code S1,S2,B1,B2}. */
final class FreeUChoice implements ITypeConverter<FreeU> {
    @Override
    public FreeU convert(String value) {
        String[] parts = value.split(",", -1);
        try {
            if (parts.length == 4) {
                return new FreeU(number(parts[0]), number(parts[1]), number(parts[2]), number(parts[3]));
            }
        } catch (NumberFormatException e) {
            throw expected(value);
        } catch (ZoetropeException e) {
            throw new TypeConversionException(e.getMessage());
        }
        throw expected(value);
    }

    private static double number(String text) {
        return Double.parseDouble(text.strip());
    }

    private static TypeConversionException expected(String value) {
        return new TypeConversionException(
                "'" + value + "' is not FreeU; expected S1,S2,B1,B2, four numbers such as 0.9,0.2,1.5,1.6");
    }
}
