package org.pgpod.haagent.client;

/** What became of one HTTP request to the Kubernetes API. */
public sealed interface ApiAnswer {
    /** The API answered, with any status. */
    record Answered(int status, String body) implements ApiAnswer {
        public boolean succeeded() {
            return status >= 200 && status < 300;
        }
    }

    /** No connection came about: the API cannot have seen the request. */
    record NotReached(String reason) implements ApiAnswer {}

    /** The request was sent, or may have been, and its answer did not come in time: it may have been carried out. */
    record Lost(String reason) implements ApiAnswer {}

    /** For people: the status with the start of the body, or why there is no answer. */
    default String summary() {
        return switch (this) {
            case Answered(int status, String body) ->
                "HTTP " + status + " " + body.substring(0, Math.min(body.length(), 200));
            case NotReached(String reason) -> "not reached: " + reason;
            case Lost(String reason) -> "no answer: " + reason;
        };
    }
}
