package org.pgpod.extensionloader.source;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.pgpod.extensionloader.model.Sha256;

/** Fetches files from http, https and file addresses, bounded in size and in time from request to last byte. */
final class Fetcher implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    private final ExecutorService transfers = Executors.newVirtualThreadPerTaskExecutor();
    private final Duration timeout;

    Fetcher(Duration timeout) {
        this.timeout = timeout;
    }

    /** Writes the file at {@code source} to {@code target}, which must not exist, and answers its digest. */
    Sha256 fetch(URI source, Path target, long bytesMax) throws IOException, InterruptedException {
        return switch (source.getScheme() == null ? "" : source.getScheme()) {
            case "file" -> {
                try (InputStream in = Files.newInputStream(Path.of(source.getPath()))) {
                    yield BoundedCopy.copy(in, target, bytesMax);
                }
            }
            case "http", "https" -> withinTimeout(source, target, bytesMax);
            default -> throw new IOException("address scheme of " + source + " is not supported (http, https, file)");
        };
    }

    /** The client's own timeout ends with the response headers; this one covers the body too. */
    private Sha256 withinTimeout(URI source, Path target, long bytesMax) throws IOException, InterruptedException {
        Future<Sha256> transfer = transfers.submit(() -> receive(source, target, bytesMax));
        try {
            return transfer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException(source + " was not received within " + timeout.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            String reason = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
            throw new IOException(source + ": " + reason, e);
        } finally {
            transfer.cancel(true);
        }
    }

    private Sha256 receive(URI source, Path target, long bytesMax) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(source).build();
        HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                throw new IOException("HTTP status " + response.statusCode());
            }
            long announced =
                    response.headers().firstValueAsLong("Content-Length").orElse(0);
            if (announced > bytesMax) {
                throw new IOException(announced + " bytes announced, at most " + bytesMax + " allowed");
            }
            return BoundedCopy.copy(body, target, bytesMax);
        }
    }

    @Override
    public void close() {
        transfers.shutdownNow();
        client.shutdownNow();
    }
}
