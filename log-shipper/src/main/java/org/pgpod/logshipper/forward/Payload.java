package org.pgpod.logshipper.forward;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** How records are written for a kind of sink. */
interface Payload {
    /** The media type of what is written. */
    String contentType();

    /** Writes records as one document. */
    void write(List<ForwardedRecord> records, OutputStream out) throws IOException;
}
