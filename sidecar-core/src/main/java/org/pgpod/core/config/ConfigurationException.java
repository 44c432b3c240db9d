package org.pgpod.core.config;

import java.util.List;

/** The configuration cannot be used; carries every problem found, each a sentence with file, key, value and what is allowed. */
public final class ConfigurationException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    public ConfigurationException(List<String> problems) {
        super(String.join(System.lineSeparator(), problems));
        this.problems = List.copyOf(problems);
    }

    public List<String> problems() {
        return problems;
    }
}
