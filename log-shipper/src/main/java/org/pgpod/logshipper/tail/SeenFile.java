package org.pgpod.logshipper.tail;

import java.nio.file.Path;
import org.pgpod.logshipper.model.LogStream;

/** A log file as a look into its directory showed it. */
record SeenFile(LogStream stream, Path path, long inode, long size, long modifiedMillis) {
    /** What stays the same when the file is renamed. */
    record Key(LogStream stream, long inode) {}

    Key key() {
        return new Key(stream, inode);
    }

    String name() {
        return path.getFileName().toString();
    }
}
