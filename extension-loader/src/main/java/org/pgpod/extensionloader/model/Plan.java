package org.pgpod.extensionloader.model;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What a pass would do, complete before anything is done.
 *
 * @param additions extensions to load, in the order of the desired list
 * @param problems extensions that cannot be loaded, with the reason; they do not hold up the others
 */
public record Plan(List<Addition> additions, List<Problem> problems) {

    /**
     * One extension to load.
     *
     * @param root the package that should hold its control file
     * @param fetch packages to download, {@code root} among them unless it is installed already
     * @param reuse packages it needs that are installed already
     */
    public record Addition(
            DesiredExtension desired, String root, List<DebPackage> fetch, List<InstalledPackage> reuse) {
        public Addition {
            fetch = List.copyOf(fetch);
            reuse = List.copyOf(reuse);
        }
    }

    /** Why an extension cannot be loaded. */
    public record Problem(String extension, String reason) {}

    public Plan {
        additions = List.copyOf(additions);
        problems = List.copyOf(problems);
    }

    /** Bytes to download. */
    public long downloadBytes() {
        return additions.stream()
                .flatMap(addition -> addition.fetch().stream())
                .distinct()
                .mapToLong(DebPackage::sizeBytes)
                .sum();
    }

    /** The plan for people: one line per extension. */
    public String describe() {
        StringBuilder text = new StringBuilder();
        for (Addition addition : additions) {
            text.append("load ").append(addition.desired()).append(": ");
            text.append(addition.fetch().stream().map(DebPackage::toString).collect(Collectors.joining(" ")));
            if (!addition.reuse().isEmpty()) {
                text.append(addition.reuse().stream()
                        .map(InstalledPackage::toString)
                        .collect(Collectors.joining(" ", " (already here: ", ")")));
            }
            text.append('\n');
        }
        problems.forEach(problem -> text.append("cannot load ")
                .append(problem.extension())
                .append(": ")
                .append(problem.reason())
                .append('\n'));
        return text.append("download ")
                .append(downloadBytes())
                .append(" bytes\n")
                .toString();
    }
}
