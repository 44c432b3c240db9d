package org.pgpod.logshipper.parse;

import org.pgpod.logshipper.model.RawRecord;
import org.pgpod.logshipper.model.RecordFields;
import org.pgpod.logshipper.model.Verdict;

/** Turns a record of one format into the values of a row. */
public interface RecordParser {
    /**
     * Fills {@code fields} for the table of the format; they are meaningful only if the verdict is {@link Verdict#PARSED}.
     * May write into the slack after the record.
     */
    Verdict parse(RawRecord raw, RecordFields fields);
}
