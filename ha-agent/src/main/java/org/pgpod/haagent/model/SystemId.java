package org.pgpod.haagent.model;

import java.util.regex.Pattern;

/** Postgres's system identifier: what all copies of one cluster share and no other cluster has. */
public record SystemId(String text) {
    private static final Pattern FORM = Pattern.compile("[0-9]{1,20}");

    public SystemId {
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a system identifier");
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
