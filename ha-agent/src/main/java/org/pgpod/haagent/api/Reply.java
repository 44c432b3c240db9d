package org.pgpod.haagent.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import org.pgpod.core.admin.AdminServer;

/** A status with a sentence for people, or with a JSON document. */
record Reply(int status, String body, boolean json) {
    static final int OK = 200;
    static final int ACCEPTED = 202;
    static final int BAD_REQUEST = 400;
    static final int UNAUTHORIZED = 401;
    static final int FORBIDDEN = 403;
    static final int NOT_FOUND = 404;
    static final int METHOD_NOT_ALLOWED = 405;
    static final int CONFLICT = 409;
    static final int PRECONDITION_FAILED = 412;
    static final int UNPROCESSABLE = 422;
    static final int BAD_GATEWAY = 502;
    static final int UNAVAILABLE = 503;

    static Reply of(int status, String sentence) {
        return new Reply(status, sentence + "\n", false);
    }

    static Reply of(JsonNode document) {
        return new Reply(OK, document.toString(), true);
    }

    void send(HttpExchange exchange) throws IOException {
        if (status == UNAUTHORIZED) {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer realm=\"pgpod\"");
        }
        if (json) {
            AdminServer.answerJson(exchange, status, body);
        } else {
            AdminServer.answer(exchange, status, body);
        }
    }
}
