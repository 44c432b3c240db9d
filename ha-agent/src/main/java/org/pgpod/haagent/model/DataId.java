package org.pgpod.haagent.model;

import java.util.regex.Pattern;

/** The random id of one data directory: new after initdb, clone and rewind, so that it names a copy and not a pod. */
public record DataId(String text) implements Comparable<DataId> {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{8}");

    /** Stands for a member that has no data directory yet. */
    public static final DataId NONE = new DataId("00000000");

    public DataId {
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a data id of eight hexadecimal digits");
        }
    }

    @Override
    public int compareTo(DataId other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
