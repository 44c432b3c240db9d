package org.pgpod.extensionloader.install;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the little that matters here of an extension's control file (Postgres manual, "Extension Files"). */
final class ControlFile {
    private static final Pattern DEFAULT_VERSION =
            Pattern.compile("(?m)^\\s*default_version\\s*=\\s*'([^'\\n]*)'\\s*(?:#.*)?$");

    private ControlFile() {}

    /** The default version; empty text if the file names none. */
    static String defaultVersion(String control) {
        Matcher matcher = DEFAULT_VERSION.matcher(control);
        return matcher.find() ? matcher.group(1) : "";
    }
}
