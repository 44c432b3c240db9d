package org.pgpod.exporter.expose;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Supplier;
import org.pgpod.core.lifecycle.Health;

/** The page for a person who opens the exporter's port: what it is, how Postgres is, where the rest is. */
public final class LandingPage implements HttpHandler {
    private final String version;
    private final Supplier<Health> health;

    public LandingPage(String version, Supplier<Health> health) {
        this.version = version;
        this.health = health;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        StringBuilder details = new StringBuilder();
        health.get().details().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(detail -> details.append("<li>")
                        .append(escaped(detail.getKey()))
                        .append(": ")
                        .append(escaped(detail.getValue()))
                        .append("</li>"));
        byte[] page = """
                <!DOCTYPE html>
                <html lang="en"><head><meta charset="utf-8"><title>pgpod exporter</title></head>
                <body><h1>pgpod exporter %s</h1>
                <ul>%s</ul>
                <p><a href="/metrics">metrics</a> <a href="/readyz">readyz</a> <a href="/livez">livez</a></p>
                </body></html>
                """.formatted(escaped(version), details).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
        boolean withoutBody = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(200, withoutBody ? -1 : page.length);
        if (!withoutBody) {
            exchange.getResponseBody().write(page);
        }
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
