package org.pgpod.core.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** Shows the certificate of the moment. A handshake that chose one keeps it, though it be replaced in between. */
public final class CurrentKey extends X509ExtendedKeyManager {
    private final Supplier<Optional<CertificatePair>> now;

    /** The two pairs that handshakes were last given, the newer first; their digests are the aliases. */
    private final AtomicReference<List<CertificatePair>> chosen = new AtomicReference<>(List.of());

    public CurrentKey(Supplier<Optional<CertificatePair>> now) {
        this.now = now;
    }

    private @Nullable String choose(String... keyTypes) {
        Optional<CertificatePair> pair = now.get();
        if (pair.isEmpty() || !List.of(keyTypes).contains(pair.get().key().getAlgorithm())) {
            return null;
        }
        String alias = pair.get().digest();
        chosen.updateAndGet(
                before -> !before.isEmpty() && before.getFirst().digest().equals(alias)
                        ? before
                        : java.util.stream.Stream.concat(java.util.stream.Stream.of(pair.get()), before.stream())
                                .limit(2)
                                .toList());
        return alias;
    }

    private Optional<CertificatePair> of(String alias) {
        return List.copyOf(java.util.Objects.requireNonNull(chosen.get())).stream()
                .filter(pair -> pair.digest().equals(alias))
                .findFirst();
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
        return choose(keyTypes);
    }

    @Override
    public @Nullable String chooseEngineServerAlias(String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
        return choose(keyType);
    }

    @Override
    public @Nullable String chooseClientAlias(String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
        return choose(keyTypes);
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, Socket socket) {
        return choose(keyType);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        return of(alias)
                .map(pair -> pair.chain().toArray(X509Certificate[]::new))
                .orElse(null);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        return of(alias).map(CertificatePair::key).orElse(null);
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return aliases(keyType);
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return aliases(keyType);
    }

    private String @Nullable [] aliases(String keyType) {
        String alias = choose(keyType);
        return alias == null ? null : new String[] {alias};
    }
}
