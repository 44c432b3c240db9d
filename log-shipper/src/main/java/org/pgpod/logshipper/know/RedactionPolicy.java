package org.pgpod.logshipper.know;

/**
 * What is taken out of records besides credentials, which always are.
 *
 * @param parameters values of bind parameters
 * @param literals literals and comments of statements
 * @param tableData values that were or should have been in tables, and what functions raise
 * @param unparsed records that cannot be understood, of which nothing can be told apart
 */
public record RedactionPolicy(Treatment parameters, Treatment literals, Treatment tableData, Treatment unparsed) {
    /** What happens to one kind of values. */
    public enum Treatment {
        REDACT,
        KEEP
    }

    /** Everything that can be told apart is taken out. */
    public static final RedactionPolicy ALL =
            new RedactionPolicy(Treatment.REDACT, Treatment.REDACT, Treatment.REDACT, Treatment.REDACT);

    boolean redactsParameters() {
        return parameters == Treatment.REDACT;
    }

    boolean redactsLiterals() {
        return literals == Treatment.REDACT;
    }

    boolean redactsTableData() {
        return tableData == Treatment.REDACT;
    }

    /** Whether the bytes of a record that cannot be understood are stored. */
    public boolean keepsUnparsed() {
        return unparsed == Treatment.KEEP;
    }
}
