package org.pgpod.core.config;

import java.util.Optional;

/**
 * One option, declared once: how its text is read, what is allowed, its default and what it means. The reference page is
 * made from these.
 *
 * @param key the key inside its section, camelCase
 * @param allowed what is allowed, as an error message and the reference page say it: {@code a duration such as 10s}
 * @param defaultText the text used when the option is not set; empty when it must be set
 * @param description one or two sentences for the reference page
 * @param parser reads the text; throws {@link IllegalArgumentException} when the text is not allowed
 */
public record Option<T>(
        String key, String allowed, Optional<String> defaultText, String description, Parser<T> parser) {

    /** Reads the text of one option. */
    @FunctionalInterface
    public interface Parser<T> {
        T parse(String text);
    }

    public Option {
        if (!key.matches("[a-z][a-zA-Z0-9]*")) {
            throw new IllegalArgumentException("an option's key is camelCase, not '" + key + "'");
        }
    }

    public Option<T> withDefault(String text) {
        return new Option<>(key, allowed, Optional.of(text), description, parser);
    }
}
