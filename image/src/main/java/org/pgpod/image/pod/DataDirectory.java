package org.pgpod.image.pod;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/**
 * The volume that a template keeps Postgres's data on. pgpod uses the whole volume, with the data directory in {@code
 * data}; a data directory that the template had elsewhere on the same volume is remembered, so that a volume in use is
 * recognised and refused rather than hidden behind a new, empty database.
 *
 * @param former PGDATA of the template
 * @param volume the volume's mount: name, path, subPath
 * @param relative {@code former} below the volume's root
 */
record DataDirectory(String former, Sidecar.Mount volume, String relative) {

    /** Either the directory or the reason why there is none. */
    sealed interface Reading {
        record Read(DataDirectory directory) implements Reading {}

        record Unusable(Problem problem) implements Reading {}
    }

    private static final String PGDATA = "PGDATA";

    boolean isWherePgpodHasIt() {
        return relative.equals(Layout.DATA_NAME);
    }

    static Reading read(Workload workload, PostgresContainer container) {
        Optional<Problem> unreadable = indirect(workload, container);
        if (unreadable.isPresent()) {
            return new Reading.Unusable(unreadable.get());
        }
        Optional<String> path = path(workload, container);
        if (path.isEmpty()) {
            return unusable(
                    workload,
                    container.path("env[PGDATA]"),
                    "is not set, and the default of image " + container.image() + " is not known; set it to a"
                            + " directory below a volume. Known images: "
                            + String.join(", ", PostgresImage.families()));
        }
        return locate(workload, container, path.get());
    }

    private static Optional<String> path(Workload workload, PostgresContainer container) {
        Optional<String> former =
                workload.injectedBefore() ? workload.annotation(Layout.FORMER_PGDATA) : Optional.empty();
        return former.or(() -> environment(container, PGDATA))
                .or(() -> environment(container, "POSTGRESQL_DATA_DIR"))
                .or(() -> environment(container, "PGROOT").map(root -> root + "/data"))
                .or(() -> PostgresImage.of(container.image()).dataDirectory())
                .map(DataDirectory::normal);
    }

    private static Optional<String> environment(PostgresContainer container, String name) {
        return Nodes.named(container.node(), "env", name).flatMap(variable -> Nodes.text(variable, "value"));
    }

    private static Optional<Problem> indirect(Workload workload, PostgresContainer container) {
        Optional<ObjectNode> variable = Nodes.named(container.node(), "env", PGDATA);
        boolean literal = variable.isEmpty()
                || (!variable.get().has("valueFrom")
                        && !Nodes.text(variable.get(), "value").orElse("").contains("$("));
        return literal
                ? Optional.empty()
                : Optional.of(workload.problem(
                        container.path("env[PGDATA]"), "its value comes from elsewhere; write the path out"));
    }

    private static Reading locate(Workload workload, PostgresContainer container, String path) {
        List<ObjectNode> mounts = Nodes.objects(container.node(), "volumeMounts");
        Optional<ObjectNode> best = Optional.empty();
        int bestLength = -1;
        for (int index = 0; index < mounts.size(); index++) {
            ObjectNode mount = mounts.get(index);
            String mountPath = normal(Nodes.text(mount, "mountPath").orElse(""));
            String field = container.path("volumeMounts[" + index + "].mountPath");
            if (mountPath.equals(path)) {
                return unusable(
                        workload,
                        field,
                        path + " is PGDATA itself; PGDATA must be a subdirectory of its volume: set env PGDATA, for"
                                + " example to " + path + "/data");
            }
            if (mountPath.startsWith(path + "/")) {
                return unusable(
                        workload,
                        field,
                        mountPath + " is inside PGDATA=" + path + "; a data directory is replaced by renaming it, which"
                                + " a mount inside it prevents: leave this mount out");
            }
            if (!mountPath.isEmpty() && path.startsWith(mountPath + "/") && mountPath.length() > bestLength) {
                best = Optional.of(mount);
                bestLength = mountPath.length();
            }
        }
        return best.map(mount -> accept(workload, container, path, mount, mounts.indexOf(mount)))
                .orElseGet(() -> unusable(
                        workload,
                        container.path("volumeMounts"),
                        "no volume is mounted above PGDATA=" + path + "; mount one at a directory above it"));
    }

    private static Reading accept(
            Workload workload, PostgresContainer container, String path, ObjectNode mount, int index) {
        String volume = Nodes.name(mount);
        String field = container.path("volumeMounts[" + index + "]");
        if (!workload.hasClaimTemplate(volume)
                && Nodes.named(workload.spec(), "volumes", volume).isEmpty()) {
            return unusable(workload, field + ".name", "there is no volume and no claim template named " + volume);
        }
        if (mount.path("readOnly").asBoolean()) {
            return unusable(workload, field + ".readOnly", "Postgres writes to this volume; must be false");
        }
        if (mount.hasNonNull("subPathExpr")) {
            return unusable(
                    workload, field + ".subPathExpr", "must be a subPath, which is the same in every container");
        }
        String mountPath = normal(mount.path("mountPath").asText());
        var data = new Sidecar.Mount(volume, mountPath, Nodes.text(mount, "subPath"), Sidecar.Access.READ_WRITE);
        return new Reading.Read(new DataDirectory(path, data, path.substring(mountPath.length() + 1)));
    }

    private static Reading unusable(Workload workload, String field, String reason) {
        return new Reading.Unusable(workload.problem(field, reason));
    }

    /** Without doubled and trailing slashes; the root is the empty string. */
    static String normal(String path) {
        String single = path.strip().replaceAll("/+", "/");
        return single.endsWith("/") ? single.substring(0, single.length() - 1) : single;
    }
}
