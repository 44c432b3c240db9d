package org.pgpod.haagent.model.port;

/** The supervisor's answer to one request. */
public sealed interface SupervisorAnswer {
    /** Answered: {@code rc} as the mailbox format lists them, and what the tool printed. */
    record Answered(int rc, String output) implements SupervisorAnswer {}

    /** Not answered within the limit, or the request could not be placed: it may have been carried out. */
    record Unanswered(String reason) implements SupervisorAnswer {}

    default boolean succeeded() {
        return this instanceof Answered(int rc, String ignored) && rc == 0;
    }

    /** For people: the return code with the last line of output, or why there is no answer. */
    default String summary() {
        return switch (this) {
            case Answered(int rc, String output) -> "rc=" + rc + " " + lastLine(output);
            case Unanswered(String reason) -> reason;
        };
    }

    private static String lastLine(String output) {
        String text = output.strip();
        return text.substring(text.lastIndexOf('\n') + 1);
    }
}
