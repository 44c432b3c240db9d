package org.pgpod.exporter.push;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Headers from a file, one {@code Name: value} a line, such as a token. Values are secret: no message holds one. */
final class RequestHeaders {
    private static final int BYTES_MAX = 65_536;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");

    /** What the request itself sets. */
    private static final Set<String> TAKEN = Set.of(
            "connection",
            "content-encoding",
            "content-length",
            "content-type",
            "expect",
            "host",
            "transfer-encoding",
            "upgrade");

    private RequestHeaders() {}

    static Map<String, String> read(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IOException("the file of headers " + file + " is missing or cannot be read");
        }
        if (Files.size(file) > BYTES_MAX) {
            throw new IOException("the file of headers " + file + " is longer than " + BYTES_MAX + " bytes");
        }
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                int colon = line.indexOf(':');
                String name = colon < 0 ? "" : line.substring(0, colon);
                String value = line.substring(colon + 1).strip();
                if (!NAME.matcher(name).matches()
                        || value.chars().anyMatch(c -> c < ' ' || c > '~')
                        || headers.put(name, value) != null) {
                    throw new IOException("line " + (i + 1) + " of the file of headers " + file
                            + " is not 'Name: value' in ASCII, or names a header twice");
                }
                if (TAKEN.contains(name.toLowerCase(Locale.ROOT))) {
                    throw new IOException("line " + (i + 1) + " of the file of headers " + file + " sets " + name
                            + ", which the exporter sets itself");
                }
            }
        }
        return new LinkedHashMap<>(headers);
    }
}
