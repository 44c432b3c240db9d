package org.pgpod.extensionloader.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.pgpod.extensionloader.install.TreeLayout.PackageFiles;
import org.pgpod.extensionloader.install.TreeLayout.Target;

class TreeLayoutTest {
    private static final String EXTENSION = "share/postgresql/15/extension/";
    private static final Map<String, String> IMAGE =
            Map.of(EXTENSION + "hstore.control", "/usr/share/postgresql/15/extension/hstore.control");

    private static TreeLayout layout(PackageFiles... packages) {
        return TreeLayout.of(15, IMAGE, Set.of("libpq.so.5"), List.of(packages));
    }

    @Test
    void filesAppearWhereTheServerLooksForThem() {
        TreeLayout layout = layout(new PackageFiles(
                "p",
                "sha256-1",
                List.of(
                        "usr/lib/postgresql/15/lib/x.so",
                        "usr/lib/postgresql/15/bin/x_tool",
                        "usr/lib/postgresql/15/lib/bitcode/x.bc",
                        "usr/lib/postgresql/14/lib/x.so",
                        "usr/share/postgresql/15/extension/x.control",
                        "usr/share/postgresql/15/man/man1/x.1",
                        "usr/share/doc/p/copyright",
                        "usr/share/proj/proj.db",
                        "usr/lib/x86_64-linux-gnu/libgeos.so.3.11",
                        "usr/lib/libarmadillo.so.11",
                        "lib/x86_64-linux-gnu/libz9.so.1",
                        "usr/lib/x86_64-linux-gnu/gdalplugins/libplugin.so",
                        "usr/bin/x",
                        "etc/x.conf")));
        assertThat(layout.conflicts()).isEmpty();
        assertThat(layout.links().keySet())
                .containsExactlyInAnyOrder(
                        EXTENSION + "hstore.control",
                        "lib/postgresql/15/lib/x.so",
                        "lib/postgresql/15/bin/x_tool",
                        EXTENSION + "x.control",
                        "share/proj/proj.db",
                        "lib/libgeos.so.3.11",
                        "lib/libarmadillo.so.11",
                        "lib/libz9.so.1");
        assertThat(layout.links().get(EXTENSION + "x.control"))
                .isEqualTo(new Target.InStore("sha256-1/usr/share/postgresql/15/extension/x.control"));
    }

    @Test
    void theImageIsNeverShadowed() {
        TreeLayout layout = layout(new PackageFiles(
                "evil",
                "s",
                List.of("usr/share/postgresql/15/extension/hstore.control", "usr/lib/x86_64-linux-gnu/libpq.so.5")));
        assertThat(layout.conflicts())
                .containsExactlyInAnyOrder(
                        "evil and the image both hold " + EXTENSION + "hstore.control",
                        "evil would shadow library libpq.so.5 of the image");
    }

    @Test
    void twoPackagesWithOneFileContradictButAlternativesDoNot() {
        String library = "usr/lib/x86_64-linux-gnu/liby.so.1";
        assertThat(layout(new PackageFiles("a", "1", List.of(library)), new PackageFiles("b", "2", List.of(library)))
                        .conflicts())
                .containsExactly("b and a both hold lib/liby.so.1");
        TreeLayout blas = layout(
                new PackageFiles("a", "1", List.of("usr/lib/x86_64-linux-gnu/blas/libblas.so.3")),
                new PackageFiles("b", "2", List.of("usr/lib/x86_64-linux-gnu/atlas/libblas.so.3")));
        assertThat(blas.conflicts()).isEmpty();
        assertThat(blas.links().get("lib/libblas.so.3"))
                .isEqualTo(new Target.InStore("1/usr/lib/x86_64-linux-gnu/blas/libblas.so.3"));
    }

    @Test
    void aControlFileChosenByAMaintainerScriptIsFound() {
        String scripts = "usr/share/postgresql/15/extension/";
        TreeLayout layout = layout(new PackageFiles(
                "postgis",
                "1",
                List.of(scripts + "gis-3.control", scripts + "gis--3.3.sql", scripts + "other-3.control")));
        assertThat(layout.links())
                .containsKey(EXTENSION + "gis.control")
                .doesNotContainKey(EXTENSION + "other.control");
    }
}
