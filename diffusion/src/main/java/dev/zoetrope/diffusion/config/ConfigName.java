package dev.zoetrope.diffusion.config;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** A choice that configuration files spell with a name of their own. Implemented by enums. */
public interface ConfigName {
    /** The name in the file. */
    @JsonValue
    String configName();

    /**
     * The choice of a name.
     *
     * @param field the field it stands in, for the message
     * @throws ZoetropeException BAD_INPUT listing the supported names
     */
    static <E extends Enum<E> & ConfigName> E find(Class<E> type, String field, String name) {
        E[] values = type.getEnumConstants();
        return Arrays.stream(values)
                .filter(value -> value.configName().equals(name))
                .findFirst()
                .orElseThrow(() -> ZoetropeException.badInput(
                        "%s is \"%s\", supported are %s",
                        field,
                        name,
                        Arrays.stream(values).map(ConfigName::configName).collect(Collectors.joining(", "))));
    }
}
