package org.pgpod.logshipper.forward;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.pgpod.core.pod.Credential;
import org.pgpod.core.tls.Authorities;
import org.pgpod.core.tls.CertificateFiles;

/**
 * Sends records by POST, compressed with gzip. Any answer but 2xx means that they did not arrive: one about the request as
 * it is (400, 413, 422 and its like) is final, one about the server or the caller's rights is not.
 */
final class HttpDestination implements Destination {
    /** Answers below 500 that another time may be different. */
    private static final Set<Integer> PASSING = Set.of(401, 403, 404, 407, 408, 425, 429);

    private static final int CLIENT_ERROR = 400;
    private static final int SERVER_ERROR = 500;
    private static final int REDIRECTION = 300;
    private static final int REASON_CHARACTERS_MAX = 300;

    private final ForwardSettings.Http settings;
    private final Payload payload;
    private final HttpClient client;

    HttpDestination(ForwardSettings.Http settings, Payload payload) throws IOException {
        this.settings = settings;
        this.payload = payload;
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(settings.timeout());
        if (settings.authorities().isPresent()) {
            builder.sslContext(trusting(settings.authorities().get()));
        }
        this.client = builder.build();
    }

    /** TLS that trusts what these authorities have signed and nothing else. */
    private static SSLContext trusting(Path authorities) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            TrustManager trust = Authorities.trust(CertificateFiles.authorities(authorities));
            context.init(null, new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java platform has TLS", impossible);
        }
    }

    @Override
    public int bytesMax() {
        return settings.requestBytesMax();
    }

    @Override
    public Outcome send(List<ForwardedRecord> records) throws InterruptedException {
        try {
            HttpResponse<String> answer = client.send(request(records), new BoundedText(REASON_CHARACTERS_MAX));
            int status = answer.statusCode();
            String reason =
                    settings.url() + " answered " + status + " " + answer.body().strip();
            if (status < REDIRECTION) {
                return new Outcome.Accepted();
            }
            if (status < CLIENT_ERROR || status >= SERVER_ERROR || PASSING.contains(status)) {
                return new Outcome.Retry(reason, "http_" + status);
            }
            return new Outcome.Refused(reason);
        } catch (IOException failed) {
            return new Outcome.Retry(settings.url() + ": " + failed, "network");
        }
    }

    private HttpRequest request(List<ForwardedRecord> records) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try (GZIPOutputStream compressed = new GZIPOutputStream(body)) {
            payload.write(records, compressed);
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(settings.url())
                .timeout(settings.timeout())
                .header("Content-Type", payload.contentType())
                .header("Content-Encoding", "gzip")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()));
        settings.tenant().ifPresent(tenant -> request.header("X-Scope-OrgID", tenant));
        if (settings.tokenFile().isPresent()) {
            request.header(
                    "Authorization",
                    "Bearer " + new Credential(settings.tokenFile().get()).read());
        }
        return request.build();
    }

    /** The beginning of an answer, however long it is. */
    private record BoundedText(int charactersMax) implements HttpResponse.BodyHandler<String> {
        @Override
        public HttpResponse.BodySubscriber<String> apply(HttpResponse.ResponseInfo answer) {
            return HttpResponse.BodySubscribers.mapping(
                    HttpResponse.BodySubscribers.limiting(
                            HttpResponse.BodySubscribers.ofString(StandardCharsets.UTF_8), 1L << 20),
                    text -> printable(text.substring(0, Math.min(text.length(), charactersMax))));
        }

        private static String printable(String text) {
            return text.replaceAll("\\p{Cntrl}", " ");
        }
    }
}
