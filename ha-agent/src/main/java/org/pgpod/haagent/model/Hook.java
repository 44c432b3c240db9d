package org.pgpod.haagent.model;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One thing that the template of the pod wants done at an event.
 *
 * @param name for logs and Events
 * @param work what is done
 * @param timeout after which it is ended and counts as failed
 */
public record Hook(String name, Work work, Duration timeout) {
    /** When hooks run; the key of each in the file of hooks is its name in camel case. */
    public enum Event {
        /** This pod became the primary, and clients may write. */
        PRIMARY,
        /** This pod became a standby. */
        STANDBY,
        /** Postgres has started and answers. */
        START,
        /** Postgres has stopped, for whatever reason. */
        STOP,
        /** A stop that was asked for is about to be made; it waits for a while. */
        BEFORE_STOP,
        /** This pod was elected and is about to be promoted; a failure ends the attempt. */
        BEFORE_PROMOTE;

        /** Whether something waits for its hooks, so that they may not take long. */
        public boolean isWaitedFor() {
            return this == BEFORE_STOP || this == BEFORE_PROMOTE;
        }

        /** Whether a later change of the role makes it moot. */
        public boolean isRoleChange() {
            return this == PRIMARY || this == STANDBY;
        }
    }

    /** What is done. */
    public sealed interface Work {
        /** Runs the statements of the file at an absolute path, in one transaction unless they say otherwise. */
        record Sql(String file, String database) implements Work {}

        /** Runs a program in the container of the agent. */
        record Command(List<String> words) implements Work {
            public Command {
                words = List.copyOf(words);
            }
        }

        /**
         * Makes an HTTP request.
         *
         * @param url a valid one, with http or https
         * @param headerFiles by the header's name, the absolute path of the file with its value
         * @param expected the status codes that count as success
         */
        record Http(
                String method,
                String url,
                Map<String, String> headerFiles,
                Optional<String> body,
                Set<Integer> expected)
                implements Work {
            public Http {
                headerFiles = Map.copyOf(headerFiles);
                expected = Set.copyOf(expected);
            }
        }
    }

    /** How a hook ended. */
    public enum Outcome {
        DONE,
        FAILED,
        TIMED_OUT,
        /** Ended because of a newer event. */
        CANCELLED
    }

    /** A hook that ended: what is told of it. */
    public record Ended(Event event, String name, Outcome outcome, String detail, Duration took) {}
}
