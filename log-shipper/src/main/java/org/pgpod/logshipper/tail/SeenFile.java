package org.pgpod.logshipper.tail;

import java.nio.file.Path;
import org.pgpod.logshipper.model.LogStream;

/** A log file as a look into its directory showed it. */
record SeenFile(LogStream stream, Path path, long inode, long size, long modifiedMillis) {
    /** The end of the names of files that were compressed after they were written. */
    static final String COMPRESSED = ".gz";

    /** What stays the same when the file is renamed. */
    record Key(LogStream stream, long inode) {}

    Key key() {
        return new Key(stream, inode);
    }

    String name() {
        return path.getFileName().toString();
    }

    boolean compressed() {
        return path.toString().endsWith(COMPRESSED);
    }

    /** The name that it had, as far as that tells, before it was compressed. */
    static String nameBefore(String name) {
        return name.endsWith(COMPRESSED) ? name.substring(0, name.length() - COMPRESSED.length()) : name;
    }
}
