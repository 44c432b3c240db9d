package org.pgpod.extensionloader.model;

import java.util.HashMap;
import java.util.Map;

/**
 * Pins packages to exact contents: lines {@code name=version=sha256}, {@code #} starts a comment.
 *
 * <p>A lock that pins anything pins everything: a package that it does not name is refused.
 */
public record LockFile(Map<String, Pin> pins) {

    /** The one content allowed for a package. */
    public record Pin(DebianVersion version, Sha256 sha256) {}

    /** No lock: every package of a verified index is allowed. */
    public static final LockFile NONE = new LockFile(Map.of());

    public LockFile {
        pins = Map.copyOf(pins);
    }

    /** Reads the file's text. */
    public static LockFile parse(String text) {
        Map<String, Pin> pins = new HashMap<>();
        for (String line : text.lines().toList()) {
            String entry = line.replaceFirst("#.*", "").strip();
            if (entry.isEmpty()) {
                continue;
            }
            String[] parts = entry.split("=", -1);
            if (parts.length != 3) {
                throw new IllegalArgumentException("'" + entry + "': expected name=version=sha256");
            }
            pins.put(parts[0], new Pin(DebianVersion.parse(parts[1]), new Sha256(parts[2])));
        }
        return new LockFile(pins);
    }

    /** Whether this exact content of the package is allowed. */
    public boolean allows(String name, DebianVersion version, Sha256 sha256) {
        if (pins.isEmpty()) {
            return true;
        }
        Pin pin = pins.get(name);
        return pin != null && pin.version().equals(version) && pin.sha256().equals(sha256);
    }

    /** Whether the installed package is allowed. */
    public boolean allows(InstalledPackage installed) {
        return allows(installed.name(), installed.version(), installed.sha256());
    }
}
