package org.pgpod.image.pod;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where postgres, initdb and the other programs of the server are in its image.
 *
 * @param directory as the image has it, even if the server runs from extension-loader's tree
 */
record ServerPrograms(String directory) {
    /** The layout of Debian's packages, which extension-loader knows. */
    private static final Pattern DEBIAN = Pattern.compile("/usr/lib/postgresql/(\\d{1,3})/bin");

    private static final String TREE = Layout.EXTENSIONS + "/tree";

    /** Reads the value of PGPOD_BINDIR, which may name the tree if the template was injected before. */
    static ServerPrograms of(String written) {
        String directory = DataDirectory.normal(written);
        return new ServerPrograms(
                directory.startsWith(TREE + "/lib/") ? "/usr" + directory.substring(TREE.length()) : directory);
    }

    /** The server's major version, if the image has Debian's layout. */
    OptionalInt debianMajor() {
        Matcher matcher = DEBIAN.matcher(directory);
        return matcher.matches() ? OptionalInt.of(Integer.parseInt(matcher.group(1))) : OptionalInt.empty();
    }

    /** Where the supervisor starts the server from: extension-loader's tree, if there is one. */
    String startDirectory() {
        return debianMajor().isPresent() ? TREE + directory.substring("/usr".length()) : directory;
    }

    /** Where libraries of loaded extensions are. */
    static String treeLibraries() {
        return TREE + "/lib";
    }
}
