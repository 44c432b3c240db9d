package org.pgpod.core.config;

import java.util.Map;

/** The values of one section, each read and checked. */
public final class Values {
    private final SectionSchema schema;
    private final Map<Option<?>, Object> values;

    Values(SectionSchema schema, Map<Option<?>, Object> values) {
        this.schema = schema;
        this.values = Map.copyOf(values);
    }

    /** The value of an option of this section; asking for an option that the section does not declare is a bug. */
    @SuppressWarnings("unchecked") // The parser of the very same option made the value.
    public <T> T get(Option<T> option) {
        Object value = values.get(option);
        if (value == null) {
            throw new IllegalStateException("section " + schema.name() + " has no option " + option.key());
        }
        return (T) value;
    }
}
