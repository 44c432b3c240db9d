package org.pgpod.image.launcher;

import picocli.CommandLine.IVersionProvider;

/** pgpod's version, as the jar's manifest says it. */
public final class Version implements IVersionProvider {
    /** The version; {@code unpackaged} when the classes do not come from the jar. */
    public static String current() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }

    @Override
    public String[] getVersion() {
        return new String[] {"pgpod " + current()};
    }
}
