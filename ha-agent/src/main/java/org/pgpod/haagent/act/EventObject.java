package org.pgpod.haagent.act;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.pgpod.haagent.model.Holder;

/**
 * One Event of {@code events.k8s.io/v1} about a pod, within the limits that the API server checks: 253 characters of name,
 * 128 of reason and instance, 1,024 bytes of note.
 *
 * @param type what {@code kubectl} shows in its first column
 * @param reason CamelCase
 * @param note for people
 */
record EventObject(Type type, String reason, String note) {
    enum Type {
        NORMAL("Normal"),
        WARNING("Warning");

        private final String text;

        Type(String text) {
            this.text = text;
        }
    }

    private static final int NAME_LENGTH_MAX = 253;
    private static final int REASON_LENGTH_MAX = 128;
    private static final int NOTE_BYTES_MAX = 1_024;
    private static final String CONTROLLER = "pgpod.org/ha-agent";

    /** What metav1.MicroTime demands. */
    private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'");

    EventObject {
        reason = head(reason, REASON_LENGTH_MAX);
        note = headBytes(note);
    }

    /** A name that no other Event of this pod has, for an equal {@code number} is never given twice. */
    static String name(String pod, long number) {
        String suffix = String.format(Locale.ROOT, ".%016x", number);
        String head = head(pod, NAME_LENGTH_MAX - suffix.length());
        // A name may be cut at no dot or dash.
        return head.replaceAll("[-.]+$", "") + suffix;
    }

    /** The whole Event, to create. */
    String created(String name, String namespace, Holder pod, ZonedDateTime at) {
        ObjectNode event = JsonNodeFactory.instance
                .objectNode()
                .put("apiVersion", "events.k8s.io/v1")
                .put("kind", "Event");
        event.putObject("metadata").put("name", name).put("namespace", namespace);
        event.putObject("regarding")
                .put("apiVersion", "v1")
                .put("kind", "Pod")
                .put("namespace", namespace)
                .put("name", pod.pod())
                .put("uid", pod.uid());
        return event.put("eventTime", micros(at))
                .put("reportingController", CONTROLLER)
                .put("reportingInstance", head(pod.pod(), REASON_LENGTH_MAX))
                .put("action", reason)
                .put("reason", reason)
                .put("note", note)
                .put("type", type.text)
                .toString();
    }

    /** The change that makes an Event a series: {@code count} times so far, at least twice. */
    static String repeated(int count, ZonedDateTime at) {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.putObject("series").put("count", count).put("lastObservedTime", micros(at));
        return patch.toString();
    }

    private static String micros(ZonedDateTime at) {
        return at.withZoneSameInstant(ZoneOffset.UTC).format(MICROS);
    }

    private static String head(String text, int length) {
        return text.substring(0, Math.min(text.length(), length));
    }

    /** The longest beginning of whole characters that fits. */
    private static String headBytes(String text) {
        if (text.getBytes(StandardCharsets.UTF_8).length <= NOTE_BYTES_MAX) {
            return text;
        }
        StringBuilder fitting = new StringBuilder();
        int bytes = 0;
        for (int character : text.codePoints().toArray()) {
            bytes += Character.toString(character).getBytes(StandardCharsets.UTF_8).length;
            if (bytes > NOTE_BYTES_MAX) {
                break;
            }
            fitting.appendCodePoint(character);
        }
        return fitting.toString();
    }
}
