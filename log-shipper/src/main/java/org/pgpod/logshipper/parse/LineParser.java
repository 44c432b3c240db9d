package org.pgpod.logshipper.parse;

import org.pgpod.logshipper.model.RawRecord;
import org.pgpod.logshipper.model.RecordFields;
import org.pgpod.logshipper.model.Table;
import org.pgpod.logshipper.model.Verdict;

/** Takes a line as it stands. Its identity (file, position) and time of arrival are known to the caller, who sets them. */
public final class LineParser implements RecordParser {
    private final int lineColumn = Table.POSTGRES_STDERR.column("line");
    private final int truncatedColumn = Table.POSTGRES_STDERR.column(Table.TRUNCATED);

    @Override
    public Verdict parse(RawRecord raw, RecordFields fields) {
        fields.reset(Table.POSTGRES_STDERR);
        int to = raw.to();
        if (raw.truncated()) {
            to = Utf8.wholeCharacters(raw.bytes(), raw.from(), to);
            fields.setBigint(truncatedColumn, raw.length());
        }
        if (!Utf8.validText(raw.bytes(), raw.from(), to)) {
            return Verdict.INVALID_UTF8;
        }
        fields.setBytes(lineColumn, raw.bytes(), raw.from(), to - raw.from());
        return Verdict.PARSED;
    }
}
