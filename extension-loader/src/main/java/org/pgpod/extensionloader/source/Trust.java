package org.pgpod.extensionloader.source;

import java.nio.file.Path;
import java.util.List;

/** Whose signature a repository's index needs. */
sealed interface Trust {

    /** Keys in these files, binary or armored. */
    record KeyFiles(List<Path> files) implements Trust {}

    /** Armored keys written into the sources file itself. */
    record Embedded(String armored) implements Trust {}

    /** Keys of the machine whose fingerprint is one of these; none listed means all of the machine's keys. */
    record MachineKeys(List<String> fingerprints) implements Trust {}
}
