package org.pgpod.logshipper.agent;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import org.pgpod.logshipper.model.ServerRole;

/** Asks {@code GET /status} of ha-agent for the role and the timeline of the server, without keeping a connection. */
public final class RoleQuestion {
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final int ANSWER_BYTES_MAX = 1 << 20;

    private final JsonFactory json = new JsonFactory();
    private final URI url;

    public RoleQuestion(URI url) {
        this.url = url;
    }

    /** The answer now; an {@link IOException} if there is none or it is not understood. */
    public ServerRole ask() throws IOException {
        if (!(url.toURL().openConnection() instanceof HttpURLConnection connection)) {
            throw new IOException(url + " is not an http or https address");
        }
        connection.setConnectTimeout((int) TIMEOUT.toMillis());
        connection.setReadTimeout((int) TIMEOUT.toMillis());
        try {
            if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
                throw new IOException(url + " answers " + connection.getResponseCode());
            }
            try (InputStream body = connection.getInputStream()) {
                return parse(body.readNBytes(ANSWER_BYTES_MAX));
            }
        } finally {
            connection.disconnect();
        }
    }

    private ServerRole parse(byte[] status) throws IOException {
        String role = "none";
        long timeline = 0;
        try (JsonParser parser = json.createParser(status)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException(url + " answers with something else than an object");
            }
            for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
                JsonToken value = parser.nextToken();
                if (key.equals("role") && value == JsonToken.VALUE_STRING) {
                    role = parser.getText();
                } else if (key.equals("timeline") && value == JsonToken.VALUE_NUMBER_INT) {
                    timeline = Math.max(0, parser.getLongValue());
                } else {
                    parser.skipChildren();
                }
            }
        }
        return new ServerRole(role, timeline);
    }
}
