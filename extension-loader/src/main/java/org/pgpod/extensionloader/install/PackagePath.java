package org.pgpod.extensionloader.install;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Paths inside a package: relative to its root, separated by slashes, without {@code .} and {@code ..}. */
final class PackagePath {
    private static final int NAME_BYTES_MAX = 255;

    private PackagePath() {}

    /** The path of a tar entry; empty for the root itself. A path that is not plainly inside the package is refused. */
    static String ofEntry(String name, int bytesMax) throws Refused {
        String path = name.startsWith("./") ? name.substring(2) : name;
        path = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        if (path.isEmpty() || path.equals(".")) {
            return "";
        }
        if (path.getBytes(StandardCharsets.UTF_8).length > bytesMax) {
            throw new Refused("a path is longer than " + bytesMax + " bytes");
        }
        if (path.chars().anyMatch(Character::isISOControl)) {
            throw new Refused("a path holds control characters");
        }
        for (String segment : path.split("/", -1)) {
            boolean odd = segment.isEmpty() || segment.equals(".") || segment.equals("..");
            if (odd || segment.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES_MAX) {
                throw new Refused("path '" + path + "' is not plainly inside the package");
            }
        }
        return path;
    }

    /** Where a link at {@code path} points; empty if that climbs out of the package. Absolute targets start at its root. */
    static Optional<String> resolve(String path, String target) {
        Deque<String> segments = new ArrayDeque<>();
        if (!target.startsWith("/")) {
            List.of(parent(path).split("/", -1)).forEach(segments::addLast);
            // Splitting the empty parent of a path at the root gives one empty segment.
            segments.removeIf(String::isEmpty);
        }
        for (String segment : target.split("/", -1)) {
            if (segment.equals("..")) {
                if (segments.pollLast() == null) {
                    return Optional.empty();
                }
            } else if (!segment.isEmpty() && !segment.equals(".")) {
                segments.addLast(segment);
            }
        }
        return Optional.of(String.join("/", segments));
    }

    /** The directory that holds {@code path}; empty for what lies at the root. */
    static String parent(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }
}
