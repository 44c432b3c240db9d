package org.pgpod.core.config;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The declared options of one section of the configuration file.
 *
 * @param name the section's key in the file, camelCase
 * @param title one sentence for the reference page
 * @param options every option; a key that is not among them is refused
 */
public record SectionSchema(String name, String title, List<Option<?>> options) {
    public SectionSchema {
        options = List.copyOf(options);
        Set<String> keys = new HashSet<>();
        for (Option<?> option : options) {
            if (!keys.add(option.key())) {
                throw new IllegalArgumentException("option " + name + "." + option.key() + " is declared twice");
            }
        }
    }

    public Optional<Option<?>> option(String key) {
        for (Option<?> option : options) {
            if (option.key().equals(key)) {
                return Optional.of(option);
            }
        }
        return Optional.empty();
    }

    /** The environment variable that overrides an option: {@code PGPOD_HA_AGENT_LEASE_PRESET}. */
    public String environmentName(String key) {
        return "PGPOD_" + upperSnake(name) + "_" + upperSnake(key);
    }

    private static String upperSnake(String camelCase) {
        return camelCase.replaceAll("([A-Z])", "_$1").toUpperCase(java.util.Locale.ROOT);
    }
}
