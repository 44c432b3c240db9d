package org.pgpod.extensionloader.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.pgpod.extensionloader.testing.TestPackage;

class PackageUnpackerTest {
    private static final String SHARE = "./usr/share/postgresql/15/extension/";
    private static final String LIB = "./usr/lib/postgresql/15/lib/";

    @TempDir
    Path directory;

    private Path unpack(TestPackage content, UnpackLimits limits) throws IOException {
        Path root = Files.createDirectory(directory.resolve("root"));
        Path deb = content.write(directory.resolve("x.deb"));
        PackageUnpacker.unpack(deb, root, path -> TreePlace.of(path, 15).isPresent(), limits);
        return root;
    }

    @ParameterizedTest
    @EnumSource(TestPackage.Compression.class)
    void whatIsWantedIsUnpackedWithPlainModes(TestPackage.Compression compression) throws IOException {
        TestPackage content = new TestPackage()
                .compression(compression)
                .directory("./", 0755)
                .directory("./usr/", 0700)
                .file(LIB + "x.so", "library", 0777)
                .file(LIB + "bitcode/x.bc", "unwanted")
                .file(SHARE + "x--1.sql", "script", 0600)
                .symbolicLink(SHARE + "x--1--2.sql", "x--1.sql")
                .symbolicLink("./usr/share/doc/x/y", "../../../../etc/motd")
                .hardLink(SHARE + "x--2.sql", SHARE + "x--1.sql");
        Path root = unpack(content, UnpackLimits.DEFAULT);
        Path library = root.resolve(LIB + "x.so");
        assertThat(library).hasContent("library");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(library)))
                .isEqualTo("rwxr-xr-x");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve(SHARE + "x--1.sql"))))
                .isEqualTo("rw-r--r--");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("usr"))))
                .isEqualTo("rwxr-xr-x");
        assertThat(root.resolve(SHARE + "x--1--2.sql")).isSymbolicLink().hasContent("script");
        assertThat(root.resolve(SHARE + "x--2.sql")).hasContent("script");
        assertThat(root.resolve(LIB + "bitcode")).doesNotExist();
        assertThat(root.resolve("usr/share/doc")).doesNotExist();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void hostilePackagesAreRefused(String why, TestPackage content) throws IOException {
        Path outside = Files.writeString(directory.resolve("victim"), "untouched");
        assertThatThrownBy(() -> unpack(content, UnpackLimits.DEFAULT))
                .isInstanceOf(Refused.class)
                .hasMessageContaining(why);
        assertThat(outside).hasContent("untouched");
        try (Stream<Path> all = Files.list(directory)) {
            assertThat(all.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("victim", "x.deb", "root");
        }
    }

    static Stream<Arguments> hostilePackagesAreRefused() {
        TestPackage throughLink =
                new TestPackage().symbolicLink(LIB + "d", "/tmp").file(LIB + "d/evil.so", "evil");
        return Stream.of(
                Arguments.of("not plainly inside", new TestPackage().file("../victim", "evil")),
                Arguments.of("not plainly inside", new TestPackage().file(LIB + "../../../../../../victim", "evil")),
                Arguments.of("not plainly inside", new TestPackage().file("/victim", "evil")),
                Arguments.of("not plainly inside", new TestPackage().file("./usr//x", "evil")),
                Arguments.of("control characters", new TestPackage().file("./usr/x\ny", "evil")),
                Arguments.of("setuid or setgid", new TestPackage().file("./usr/bin/su", "evil", 04755)),
                Arguments.of("setuid or setgid", new TestPackage().file(LIB + "x.so", "evil", 02755)),
                Arguments.of("setuid or setgid", new TestPackage().directory("./usr/lib", 02775)),
                Arguments.of("neither file", new TestPackage().special(LIB + "null", TarConstants.LF_CHR)),
                Arguments.of("neither file", new TestPackage().special(LIB + "sda", TarConstants.LF_BLK)),
                Arguments.of("neither file", new TestPackage().special(LIB + "pipe", TarConstants.LF_FIFO)),
                Arguments.of("leaves the package", new TestPackage().symbolicLink(LIB + "x.so", "/etc/passwd")),
                Arguments.of("leaves the package", new TestPackage().symbolicLink(LIB + "x.so", "../y.so")),
                Arguments.of("climbs out", new TestPackage().symbolicLink(LIB + "x.so", "../../../../../../victim")),
                Arguments.of("climbs out", new TestPackage().symbolicLink("./usr/share/doc/x", "../../../../victim")),
                Arguments.of("not a directory", throughLink),
                Arguments.of("leaves the package", new TestPackage().hardLink(LIB + "x.so", "/victim".substring(1))),
                Arguments.of("not plainly inside", new TestPackage().hardLink(LIB + "x.so", "../victim")),
                Arguments.of(
                        "given twice", new TestPackage().file(LIB + "x", "1").file(LIB + "x", "2")),
                Arguments.of(
                        "given twice",
                        new TestPackage().symbolicLink(LIB + "x", "y").file(LIB + "x", "2")),
                Arguments.of("longer than", new TestPackage().file("./usr/" + "long/".repeat(300) + "x", "1")));
    }

    @Test
    void aLinkThatReplacesADirectoryIsRefused() {
        TestPackage content = new TestPackage().file(LIB + "d/x.so", "1").symbolicLink(LIB + "d", "../../15");
        assertThatThrownBy(() -> unpack(content, UnpackLimits.DEFAULT)).isInstanceOf(IOException.class);
    }

    @Test
    void entriesAndBytesAreBounded() {
        TestPackage content = new TestPackage().file(LIB + "a", "1".repeat(600)).file(LIB + "b", "1".repeat(600));
        assertThatThrownBy(() -> unpack(content, new UnpackLimits(10, 1000, 100)))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("more than 1000 bytes");
        Path again = content.write(directory.resolve("y.deb"));
        assertThatThrownBy(() -> PackageUnpacker.unpack(
                        again, directory.resolve("r2"), path -> false, new UnpackLimits(1, 10_000, 100)))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("more than 1 entries");
    }

    @Test
    void anInterruptedAdditionLeavesTheStoreAsItWas() throws IOException {
        PackageStore store = new PackageStore(directory, 15, UnpackLimits.DEFAULT);
        store.prepare();
        Path deb = new TestPackage()
                .file(LIB + "x.so", "library")
                .symbolicLink(LIB + "y.so", "/etc/passwd")
                .write(directory.resolve("x.deb"));
        var digest = org.pgpod.extensionloader.model.Sha256.of(Files.readAllBytes(deb));
        assertThatThrownBy(() -> store.add(digest, deb)).isInstanceOf(Refused.class);
        assertThat(store.contains(digest)).isFalse();
        try (Stream<Path> staged = Files.list(directory.resolve("staging"))) {
            assertThat(staged).isEmpty();
        }
        assertThat(Files.exists(directory.resolve("store"), LinkOption.NOFOLLOW_LINKS))
                .isTrue();
    }
}
