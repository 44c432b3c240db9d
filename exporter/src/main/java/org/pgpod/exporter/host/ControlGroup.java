package org.pgpod.exporter.host;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where the control group of a process is found. A place counts only if its {@code cgroup.procs} names the process: paths in
 * {@code /proc/<pid>/cgroup} are those of the reader's namespace and may lead to somebody else's group, or out of the mount.
 * The root of a hierarchy belongs to the whole machine and counts as none.
 *
 * <p>Source: cgroups(7), cgroup_namespaces(7).
 */
sealed interface ControlGroup {
    /** The one hierarchy of version 2; {@code path} ends with a slash, or is empty at the mount itself. */
    record Unified(String path) implements ControlGroup {}

    /** Version 1: for each controller its path. */
    record Separate(Map<String, String> paths) implements ControlGroup {
        public Separate {
            paths = Map.copyOf(paths);
        }

        /** The file of a controller, if its group was found. */
        Optional<String> file(String controller, String name) {
            return Optional.ofNullable(paths.get(controller)).map(path -> path + name);
        }
    }

    /** Nothing that could be read. */
    record Hidden() implements ControlGroup {}

    /** The control group of a process. */
    static ControlGroup of(long pid, HostFiles files) {
        Map<String, String> separate = new HashMap<>();
        Optional<String> unified = Optional.empty();
        for (String line : files.process(pid + "/cgroup").orElse("").lines().toList()) {
            String[] parts = line.split(":", 3);
            if (parts.length == 3 && parts[1].isEmpty()) {
                unified = place(pid, files, List.of("", "unified/"), parts[2])
                        .filter(path ->
                                files.controlGroup(path + "memory.current").isPresent());
            } else if (parts.length == 3) {
                for (String controller : parts[1].split(",", -1)) {
                    place(pid, files, List.of(parts[1] + "/", controller + "/"), parts[2])
                            .ifPresent(path -> separate.put(controller, path));
                }
            }
        }
        if (unified.isPresent()) {
            return new Unified(unified.get());
        }
        return separate.isEmpty() ? new Hidden() : new Separate(separate);
    }

    private static Optional<String> place(long pid, HostFiles files, List<String> mounts, String path) {
        String inner = path.replaceFirst("^/+", "");
        boolean outside = Arrays.asList(inner.split("/", -1)).contains("..");
        String below = inner.isEmpty() ? "" : inner + "/";
        return mounts.stream()
                // A container may see nothing but its own group, mounted where the hierarchy would be.
                .flatMap(mount -> outside ? Stream.of(mount) : Stream.of(mount + below, mount))
                .filter(candidate -> holds(files, candidate, pid))
                .findFirst();
    }

    private static boolean holds(HostFiles files, String group, long pid) {
        boolean root = files.controlGroup(group + "release_agent").isPresent();
        return !root
                && files.controlGroup(group + "cgroup.procs")
                        .filter(text -> text.lines().anyMatch(Long.toString(pid)::equals))
                        .isPresent();
    }
}
