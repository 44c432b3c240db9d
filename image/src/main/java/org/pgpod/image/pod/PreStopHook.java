package org.pgpod.image.pod;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;

/**
 * Hands the primary over before the pod stops: asks in the supervisor's mailbox for {@code stop how=switchover} and
 * waits until it is answered, Postgres is down, or the time is up. After it the kubelet sends SIGTERM, which the
 * supervisor turns into a fast shutdown, so every way out of the script is safe.
 *
 * <p>It is on the Postgres container because native sidecars get their signal only after Postgres has ended.
 */
public final class PreStopHook {
    /** How long the hook may wait for the switchover. */
    static final Duration PATIENCE = Duration.ofSeconds(90);

    /** The hook, a fast shutdown with its checkpoint, and the last log lines must fit in here. */
    static final Duration GRACE_PERIOD_MIN = Duration.ofMinutes(3);

    /** How long the supervisor waits for another primary before it stops Postgres anyway. */
    private static final Duration SWITCHOVER_MAX = Duration.ofMinutes(1);

    /** Only what every shell has. */
    static final String SCRIPT = script(Layout.RUN);

    private PreStopHook() {}

    /** The hook of a pod whose shared directory is elsewhere. */
    public static String script(String run) {
        return """
            # Hand the primary over, then let the pod stop. See docs/reference/pod-template.md.
            mailbox=%s/supervisor
            patience=%d
            # The state is rewritten in place: a line without its end is read again.
            read_state() {
              for attempt in 1 2 3 4 5; do
                read -r state < "$mailbox/state"
                case $state in *' end') return 0 ;; esac
                sleep 0.1
              done
              return 1
            }
            read_state || exit 0
            instance=${state#* instance=}
            instance=${instance%%%% *}
            read -r uptime idle < /proc/uptime
            id=${uptime%%%%.*}000-stop
            umask 027
            printf 'pgpod-req=1 instance=%%s op=stop how=switchover timeout=%d end\\n' "$instance" \\
              > "$mailbox/req/.$id" && mv "$mailbox/req/.$id" "$mailbox/req/$id" || exit 0
            while [ "$patience" -gt 0 ] && [ ! -s "$mailbox/ans/$id.rc" ]; do
              read_state || exit 0
              case $state in *' pg=down '*) exit 0 ;; esac
              sleep 1
              patience=$((patience - 1))
            done
            """.formatted(run, PATIENCE.toSeconds(), SWITCHOVER_MAX.toMillis());
    }

    static ObjectNode handler() {
        ObjectNode handler = JsonNodeFactory.instance.objectNode();
        handler.putObject("exec").putArray("command").add("sh").add("-c").add(SCRIPT);
        return handler;
    }
}
