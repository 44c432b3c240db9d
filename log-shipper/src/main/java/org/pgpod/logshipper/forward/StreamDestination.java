package org.pgpod.logshipper.forward;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** Writes records to a stream, for whoever reads the container's output. */
final class StreamDestination implements Destination {
    private static final int BYTES_MAX = 1_048_576;

    private final OutputStream stream;
    private final Payload payload;

    StreamDestination(OutputStream stream, Payload payload) {
        this.stream = stream;
        this.payload = payload;
    }

    @Override
    public int bytesMax() {
        return BYTES_MAX;
    }

    @Override
    public Outcome send(List<ForwardedRecord> records) {
        try {
            BufferedOutputStream out = new BufferedOutputStream(stream);
            payload.write(records, out);
            out.flush();
            return new Outcome.Accepted();
        } catch (IOException failed) {
            return new Outcome.Retry("the standard output: " + failed.getMessage(), "network");
        }
    }
}
