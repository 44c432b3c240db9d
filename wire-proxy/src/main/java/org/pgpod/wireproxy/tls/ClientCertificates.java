package org.pgpod.wireproxy.tls;

import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.pgpod.core.tls.CertificateFiles;
import org.pgpod.core.tls.CertificatePair;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is asked of clients' certificates: that an authority of theirs has signed them, and that they name the role. The files
 * are read again at a cadence; the last good content stays while what is there is not usable.
 */
public final class ClientCertificates {
    /** Whether clients show a certificate. */
    public enum Mode {
        /** None is asked for. */
        NONE,
        /** One that is shown must be good and name the role. */
        REQUEST,
        /** One must be shown, and be good, and name the role. */
        REQUIRE
    }

    /** What a client's certificate is worth. */
    public enum Verdict {
        FITS,
        MISSING,
        NAMES_ANOTHER
    }

    private static final Logger LOG = LoggerFactory.getLogger(ClientCertificates.class);
    private static final long MAP_BYTES_MAX = 1_048_576;

    private final Mode mode;
    private final Optional<Path> authoritiesFile;
    private final Optional<Path> mapFile;
    private final String mapName;

    private volatile List<X509Certificate> authorities = List.of();

    /** Null while the common name has to be the role's. */
    private volatile @Nullable IdentMap map;

    private String mapText = "";
    private volatile Optional<String> problem = Optional.empty();

    private ClientCertificates(Mode mode, Optional<Path> authoritiesFile, Optional<Path> mapFile, String mapName) {
        this.mode = mode;
        this.authoritiesFile = authoritiesFile;
        this.mapFile = mapFile;
        this.mapName = mapName;
    }

    /** Asks for none. */
    public static ClientCertificates none() {
        return new ClientCertificates(Mode.NONE, Optional.empty(), Optional.empty(), "");
    }

    /** Reads the files; the error says in one sentence what is wrong with them. */
    public static ClientCertificates open(
            Mode mode, Optional<Path> authoritiesFile, Optional<Path> mapFile, String mapName) throws IOException {
        ClientCertificates certificates = new ClientCertificates(mode, authoritiesFile, mapFile, mapName);
        certificates.read();
        return certificates;
    }

    /** True if the authorities are others than before. */
    private boolean read() throws IOException {
        if (mapFile.isPresent()) {
            readMap(mapFile.get());
        }
        if (authoritiesFile.isEmpty()) {
            return false;
        }
        List<X509Certificate> read = CertificateFiles.authorities(authoritiesFile.get());
        boolean others = !read.equals(authorities);
        authorities = List.copyOf(read);
        return others;
    }

    private void readMap(Path file) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) > MAP_BYTES_MAX) {
            throw new IOException(
                    "wireProxy.clientCertificateMap " + file + " is not a file of at most " + MAP_BYTES_MAX + " bytes");
        }
        String text = Files.readString(file, StandardCharsets.UTF_8);
        if (map == null || !text.equals(mapText)) {
            try {
                map = IdentMap.parse(text, mapName);
                mapText = text;
            } catch (IllegalArgumentException wrong) {
                throw new IOException("wireProxy.clientCertificateMap " + file + ": " + wrong.getMessage(), wrong);
            }
        }
    }

    /** Looks at the files once, from one thread; true if the authorities are others than before. */
    boolean check() {
        try {
            boolean others = read();
            problem = Optional.empty();
            return others;
        } catch (IOException unusable) {
            String reason = String.valueOf(unusable.getMessage());
            if (!problem.equals(Optional.of(reason))) {
                LOG.error("client certificates: files not adopted, the last good ones stay reason={}", reason);
            }
            problem = Optional.of(reason);
            return false;
        }
    }

    /** Why the files as they are now cannot be used; empty while they can. */
    public Optional<String> problem() {
        return problem;
    }

    boolean areAskedFor() {
        return mode != Mode.NONE;
    }

    /** Who signs: those of a file of their own, else those beside the server's certificate. */
    List<X509Certificate> authorities(CertificatePair pair) {
        return authoritiesFile.isPresent() ? authorities : pair.authorities();
    }

    /** Judges a client that wants to be this role; {@code handler} is null without TLS. */
    public Verdict judge(@Nullable SslHandler handler, String role) {
        if (mode == Mode.NONE) {
            return Verdict.FITS;
        }
        Optional<X509Certificate> shown = handler == null ? Optional.empty() : shown(handler);
        if (shown.isEmpty()) {
            return mode == Mode.REQUIRE ? Verdict.MISSING : Verdict.FITS;
        }
        IdentMap known = map;
        boolean fits = known == null
                ? CertificateNames.commonNames(shown.get()).contains(role)
                : known.admits(CertificateNames.of(shown.get()), role);
        return fits ? Verdict.FITS : Verdict.NAMES_ANOTHER;
    }

    /** The client's certificate, which the handshake has verified. */
    private static Optional<X509Certificate> shown(SslHandler handler) {
        try {
            Certificate[] chain = handler.engine().getSession().getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate leaf ? Optional.of(leaf) : Optional.empty();
        } catch (SSLPeerUnverifiedException none) {
            return Optional.empty();
        }
    }
}
