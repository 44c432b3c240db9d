package org.pgpod.logshipper.model;

/**
 * How far a file is read or stored; the store keeps one row of this for each file.
 *
 * @param number names the file within its source for ever; a truncated and rewritten file gets a new one
 * @param stream what it holds
 * @param name its name in its directory when it was last looked at
 * @param inode the file system's number for it
 * @param position every record that ends at or before this byte is stored; always the start of a record
 * @param fingerprint what the file held up to the position
 */
public record FileState(int number, LogStream stream, String name, long inode, long position, Fingerprint fingerprint) {
    public FileState {
        if (number < 1 || position < 1) {
            throw new IllegalArgumentException("a file with a state has a number and a position");
        }
    }
}
