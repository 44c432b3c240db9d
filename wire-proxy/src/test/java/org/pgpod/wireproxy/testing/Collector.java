package org.pgpod.wireproxy.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;

/** A collector of spans that speaks OTLP over HTTP and keeps what it gets; it can be made to answer nothing. */
public final class Collector implements AutoCloseable {
    private final HttpServer server;
    private final List<Span> spans = new CopyOnWriteArrayList<>();
    private final List<Map<String, String>> resources = new CopyOnWriteArrayList<>();
    private final CountDownLatch released;

    private Collector(CountDownLatch released) throws IOException {
        this.released = released;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/v1/traces", this::receive);
        server.start();
    }

    public static Collector start() throws IOException {
        return new Collector(new CountDownLatch(0));
    }

    /** One that takes requests and does not answer before it is closed. */
    public static Collector stuck() throws IOException {
        return new Collector(new CountDownLatch(1));
    }

    private void receive(HttpExchange exchange) throws IOException {
        try (exchange) {
            boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
            InputStream body = zipped ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody();
            ExportTraceServiceRequest request = ExportTraceServiceRequest.parseFrom(body);
            released.await();
            request.getResourceSpansList().forEach(one -> {
                resources.add(attributes(one.getResource().getAttributesList()));
                one.getScopeSpansList().forEach(scope -> spans.addAll(scope.getSpansList()));
            });
            exchange.sendResponseHeaders(200, -1);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        } catch (UncheckedIOException gone) {
            throw gone.getCause();
        }
    }

    public String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1/traces";
    }

    public List<Span> spans() {
        return List.copyOf(spans);
    }

    public Map<String, String> resource() {
        return resources.getFirst();
    }

    /** What a span says, numbers as texts. */
    public static Map<String, String> attributes(Span span) {
        return attributes(span.getAttributesList());
    }

    private static Map<String, String> attributes(List<KeyValue> list) {
        Map<String, String> attributes = new TreeMap<>();
        for (KeyValue one : list) {
            String value = one.getValue().hasIntValue()
                    ? Long.toString(one.getValue().getIntValue())
                    : one.getValue().getStringValue();
            attributes.put(one.getKey(), value);
        }
        return attributes;
    }

    public static String hex(com.google.protobuf.ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    @Override
    public void close() {
        released.countDown();
        server.stop(0);
    }
}
