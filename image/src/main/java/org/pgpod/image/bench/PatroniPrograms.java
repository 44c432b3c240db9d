package org.pgpod.image.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.pgpod.image.local.Commands;
import org.pgpod.image.local.DebianProgram;

/** Patroni and etcd from Debian's packages, unpacked but not installed. */
final class PatroniPrograms {
    private static final Path PYTHON = Path.of("/usr/bin/python3");

    /** With everything that the package depends on, but for Python and libpq. */
    private static final String[] PACKAGES = {
        "patroni",
        "python3-cdiff",
        "python3-click",
        "python3-colorama",
        "python3-dateutil",
        "python3-dnspython",
        "python3-etcd",
        "python3-pkg-resources",
        "python3-prettytable",
        "python3-psutil",
        "python3-psycopg2",
        "python3-six",
        "python3-urllib3",
        "python3-wcwidth",
        "python3-yaml",
        "etcd-server"
    };

    private final Path root;

    private PatroniPrograms(Path root) {
        this.root = root;
    }

    static PatroniPrograms unpacked(Path directory) throws IOException, InterruptedException {
        if (!Files.isExecutable(PYTHON)) {
            throw new IOException("Patroni needs " + PYTHON + "; install python3, or leave it out with --peers none");
        }
        return new PatroniPrograms(new DebianProgram(directory).unpacked("patroni", PACKAGES));
    }

    List<String> patroni(Path configuration) {
        return List.of(PYTHON.toString(), root.resolve("usr/bin/patroni").toString(), configuration.toString());
    }

    String etcd() {
        return root.resolve("usr/bin/etcd").toString();
    }

    Map<String, String> environment() {
        return Map.of(
                "PYTHONPATH", root.resolve("usr/lib/python3/dist-packages").toString());
    }

    /** {@code patroni-3.0.2}. */
    String version() throws IOException, InterruptedException {
        String said = Commands.run(
                root,
                List.of(
                        "env",
                        "PYTHONPATH=" + environment().get("PYTHONPATH"),
                        PYTHON.toString(),
                        root.resolve("usr/bin/patroni").toString(),
                        "--version"));
        return said.strip().replace(' ', '-');
    }
}
