package org.pgpod.haagent.client;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.utils.HttpClientUtils;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * Sends exactly one HTTP/1.1 request for each call, and ends it within the call's limit. Nothing is retried, cached or
 * watched; the connection of a call that ran out of time is closed, so that nothing can follow it.
 *
 * <p>Credentials, certificates and the server's address are fabric8's business; what a status means is the caller's. A
 * client with a limit makes a request wait for its turn, within the call's own limit, and sends none for as long as the
 * server's last {@code 429} demanded; a request that was held back was not sent.
 */
public final class KubernetesApi implements AutoCloseable {
    private static final String JSON = "application/json";
    private static final int TOO_MANY_REQUESTS = 429;

    /** What a 429 without a readable {@code Retry-After} asks for, and the longest that any may. */
    private static final Duration PAUSE_STANDARD = Duration.ofSeconds(1);

    private static final long PAUSE_SECONDS_MAX = 60;

    private final HttpClient client;
    private final URI server;
    private final Optional<TokenBucket> limit;
    private final ApiMeters meters;

    private KubernetesApi(HttpClient client, URI server, Optional<TokenBucket> limit, ApiMeters meters) {
        this.client = client;
        this.server = server;
        this.limit = limit;
        this.meters = meters;
    }

    /** A client with connections of its own and no limit; {@code connectTimeout} bounds the part before the request is sent. */
    public static KubernetesApi open(Config config, Duration connectTimeout) {
        return open(config, connectTimeout, Optional.empty(), ApiMeters.NONE);
    }

    /** The same, held to {@code limit} and measured. */
    public static KubernetesApi open(
            Config config, Duration connectTimeout, Optional<TokenBucket> limit, ApiMeters meters) {
        Config own = new io.fabric8.kubernetes.client.ConfigBuilder(config)
                .withRequestRetryBackoffLimit(0)
                .withConnectionTimeout(Math.toIntExact(connectTimeout.toMillis()))
                .withHttp2Disable(true)
                .build();
        String server = own.getMasterUrl();
        return new KubernetesApi(
                HttpClientUtils.getHttpClientFactory().newBuilder(own).build(),
                URI.create(server.endsWith("/") ? server : server + "/"),
                limit,
                meters);
    }

    /** GET of a path relative to the server, such as {@code api/v1/namespaces/prod/pods}. */
    public ApiAnswer get(String path, Duration timeout) {
        return inTurn("GET", path, timeout, left -> send(client.newHttpRequestBuilder(), path, left));
    }

    public ApiAnswer put(String path, String json, Duration timeout) {
        return inTurn(
                "PUT",
                path,
                timeout,
                left -> send(client.newHttpRequestBuilder().put(JSON, json), path, left));
    }

    public ApiAnswer post(String path, String json, Duration timeout) {
        return inTurn(
                "POST",
                path,
                timeout,
                left -> send(client.newHttpRequestBuilder().post(JSON, json), path, left));
    }

    /** DELETE with a body that may say under which conditions. */
    public ApiAnswer delete(String path, String json, Duration timeout) {
        return inTurn(
                "DELETE",
                path,
                timeout,
                left -> send(client.newHttpRequestBuilder().delete(JSON, json), path, left));
    }

    /** PATCH with a JSON merge patch (RFC 7396), which every API server understands for every kind. */
    public ApiAnswer mergePatch(String path, String json, Duration timeout) {
        return inTurn(
                "PATCH",
                path,
                timeout,
                left -> send(client.newHttpRequestBuilder().patch("application/merge-patch+json", json), path, left));
    }

    /** Sends a request when the limit allows it, with what is then left of {@code timeout}. */
    private ApiAnswer inTurn(String method, String path, Duration timeout, Function<Duration, ApiAnswer> request) {
        Duration waited = Duration.ZERO;
        if (limit.isPresent()) {
            // At least half of the time is for the request itself.
            Optional<Duration> turn = limit.get().take(timeout.dividedBy(2));
            if (turn.isEmpty()) {
                return new ApiAnswer.NotReached("held back by the limit on requests, or by the server's Retry-After");
            }
            waited = turn.get();
            meters.throttled(waited);
            try {
                Thread.sleep(waited);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return new ApiAnswer.NotReached("interrupted");
            }
        }
        long sentNanos = System.nanoTime();
        ApiAnswer answer = request.apply(timeout.minus(waited));
        meters.answered(ApiRequestKind.of(method, path), answer, Duration.ofNanos(System.nanoTime() - sentNanos));
        return answer;
    }

    private ApiAnswer send(HttpRequest.Builder builder, String path, Duration timeout) {
        HttpRequest request = builder.uri(server.resolve(path))
                .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .build();
        CompletableFuture<HttpResponse<byte[]>> sent = client.sendAsync(request, byte[].class);
        try {
            HttpResponse<byte[]> response = sent.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (response.code() == TOO_MANY_REQUESTS) {
                limit.ifPresent(bucket -> bucket.pause(retryAfter(response.header("Retry-After"))));
            }
            return new ApiAnswer.Answered(response.code(), new String(response.body(), StandardCharsets.UTF_8));
        } catch (TimeoutException late) {
            sent.cancel(true);
            return new ApiAnswer.Lost("none within " + timeout.toMillis() + " ms");
        } catch (ExecutionException failed) {
            return failure(failed.getCause() == null ? failed : failed.getCause());
        } catch (InterruptedException interrupted) {
            sent.cancel(true);
            Thread.currentThread().interrupt();
            return new ApiAnswer.Lost("interrupted");
        }
    }

    /** Seconds, as Kubernetes writes them (RFC 9110 section 10.2.3). */
    private static Duration retryAfter(@Nullable String header) {
        if (header == null || !header.strip().matches("[0-9]{1,9}")) {
            return PAUSE_STANDARD;
        }
        return Duration.ofSeconds(Math.min(PAUSE_SECONDS_MAX, Long.parseLong(header.strip())));
    }

    private static ApiAnswer failure(Throwable cause) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (each instanceof ConnectException
                    || each instanceof HttpConnectTimeoutException
                    || each instanceof UnknownHostException
                    || each instanceof SSLHandshakeException
                    || each instanceof UnresolvedAddressException) {
                return new ApiAnswer.NotReached(describe(each));
            }
        }
        return new ApiAnswer.Lost(describe(cause));
    }

    private static String describe(Throwable failure) {
        return failure.getClass().getSimpleName() + (failure.getMessage() == null ? "" : ": " + failure.getMessage());
    }

    @Override
    public void close() {
        client.close();
    }
}
