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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;

/**
 * Sends exactly one HTTP/1.1 request for each call, and ends it within the call's limit. Nothing is retried, cached or
 * watched; the connection of a call that ran out of time is closed, so that nothing can follow it.
 *
 * <p>Credentials, certificates and the server's address are fabric8's business; what a status means is the caller's.
 */
public final class KubernetesApi implements AutoCloseable {
    private final HttpClient client;
    private final URI server;

    private KubernetesApi(HttpClient client, URI server) {
        this.client = client;
        this.server = server;
    }

    /** A client with connections of its own; {@code connectTimeout} bounds the part before the request is sent. */
    public static KubernetesApi open(Config config, Duration connectTimeout) {
        Config own = new io.fabric8.kubernetes.client.ConfigBuilder(config)
                .withRequestRetryBackoffLimit(0)
                .withConnectionTimeout(Math.toIntExact(connectTimeout.toMillis()))
                .withHttp2Disable(true)
                .build();
        String server = own.getMasterUrl();
        return new KubernetesApi(
                HttpClientUtils.getHttpClientFactory().newBuilder(own).build(),
                URI.create(server.endsWith("/") ? server : server + "/"));
    }

    /** GET of a path relative to the server, such as {@code api/v1/namespaces/prod/pods}. */
    public ApiAnswer get(String path, Duration timeout) {
        return send(client.newHttpRequestBuilder(), path, timeout);
    }

    public ApiAnswer put(String path, String json, Duration timeout) {
        return send(client.newHttpRequestBuilder().put("application/json", json), path, timeout);
    }

    public ApiAnswer post(String path, String json, Duration timeout) {
        return send(client.newHttpRequestBuilder().post("application/json", json), path, timeout);
    }

    /** PATCH with a JSON merge patch (RFC 7396), which every API server understands for every kind. */
    public ApiAnswer mergePatch(String path, String json, Duration timeout) {
        return send(client.newHttpRequestBuilder().patch("application/merge-patch+json", json), path, timeout);
    }

    private ApiAnswer send(HttpRequest.Builder builder, String path, Duration timeout) {
        HttpRequest request = builder.uri(server.resolve(path))
                .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .build();
        CompletableFuture<HttpResponse<byte[]>> sent = client.sendAsync(request, byte[].class);
        try {
            HttpResponse<byte[]> response = sent.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
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
