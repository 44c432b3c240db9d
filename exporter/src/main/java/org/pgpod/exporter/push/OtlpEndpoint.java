package org.pgpod.exporter.push;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.pgpod.core.tls.Authorities;
import org.pgpod.core.tls.CertificateFiles;
import org.pgpod.exporter.model.MetricFamily;

/**
 * Sends metrics to a collector by OTLP over HTTP, in compressed requests of a bounded number of points. What did not arrive is
 * not sent again: sums are cumulative, the next push has all that this one had.
 */
public final class OtlpEndpoint implements AutoCloseable {
    /** Series in one request. */
    public static final int SERIES_MAX = 5_000;

    private static final int OK = 200;
    private static final long ANSWER_BYTES_MAX = 65_536;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Settings settings;
    private final OtlpMetrics metrics;
    private final HttpClient client;

    /**
     * Where metrics go.
     *
     * @param headersFile read for each push
     * @param authorities what the server's certificate must be signed by; without it the authorities of the Java runtime
     * @param timeout for one request with its answer
     */
    public record Settings(URI url, Optional<Path> headersFile, Optional<Path> authorities, Duration timeout) {}

    /** How a push ended. */
    public sealed interface Outcome {
        /**
         * All requests were accepted.
         *
         * @param rejected points that the collector says it did not take
         */
        record Sent(long rejected, String reason) implements Outcome {}

        /** A request was not accepted, and no further one was sent. */
        record Failed(String reason) implements Outcome {}
    }

    /**
     * Connects to nothing yet.
     *
     * @param resource the attributes of what the metrics are about
     * @param version of the exporter
     */
    public OtlpEndpoint(Settings settings, Map<String, String> resource, String version) throws IOException {
        this.settings = settings;
        this.metrics = new OtlpMetrics(resource, version);
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(settings.timeout());
        if (settings.authorities().isPresent()) {
            builder.sslContext(verifyingBy(settings.authorities().get()));
        }
        this.client = builder.build();
    }

    private static SSLContext verifyingBy(Path authorities) throws IOException {
        TrustManager[] trust = {Authorities.trust(CertificateFiles.authorities(authorities))};
        try {
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(null, trust, null);
            return tls;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java platform has TLS", impossible);
        }
    }

    /** Sends families, all with the same time. */
    public Outcome push(List<MetricFamily> families, Instant time) throws InterruptedException {
        long rejected = 0;
        String reason = "";
        try {
            Map<String, String> headers = settings.headersFile().isPresent()
                    ? RequestHeaders.read(settings.headersFile().get())
                    : Map.of();
            for (List<PointSlice> slices : PointSlice.cut(families, SERIES_MAX)) {
                HttpResponse<String> answer = client.send(
                        request(headers, slices, time),
                        _ -> HttpResponse.BodySubscribers.limiting(
                                HttpResponse.BodySubscribers.ofString(StandardCharsets.UTF_8), ANSWER_BYTES_MAX));
                if (answer.statusCode() != OK) {
                    return new Outcome.Failed(settings.url() + " answered " + answer.statusCode());
                }
                var partial = JSON.readTree(answer.body()).path("partialSuccess");
                // Proto3's JSON form has 64-bit numbers as texts.
                rejected += partial.path("rejectedDataPoints").asLong();
                reason = partial.path("errorMessage").asText(reason);
            }
            return new Outcome.Sent(rejected, reason);
        } catch (JsonProcessingException noJson) {
            return new Outcome.Failed(settings.url() + " answered with something that is no JSON");
        } catch (IOException failed) {
            return new Outcome.Failed(settings.url() + ": " + failed);
        }
    }

    private HttpRequest request(Map<String, String> headers, List<PointSlice> slices, Instant time) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try (GZIPOutputStream compressed = new GZIPOutputStream(body)) {
            metrics.write(slices, time, compressed);
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(settings.url())
                .timeout(settings.timeout())
                .header("Content-Type", OtlpMetrics.CONTENT_TYPE)
                .header("Content-Encoding", "gzip")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()));
        headers.forEach(request::header);
        return request.build();
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
