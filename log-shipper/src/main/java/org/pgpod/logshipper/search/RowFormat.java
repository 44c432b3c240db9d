package org.pgpod.logshipper.search;

import java.io.IOException;

/** A way to write records as text. */
public interface RowFormat {
    /** Writes a whole record with its line end. */
    void write(LogRow row, Appendable out) throws IOException;
}
