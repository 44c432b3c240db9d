package org.pgpod.haagent.act;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Supplier;
import org.pgpod.haagent.client.ApiAnswer;
import org.pgpod.haagent.client.ClusterNames;
import org.pgpod.haagent.client.KubernetesApi;
import org.pgpod.haagent.model.Holder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records Kubernetes Events of this pod without making anybody wait: at most {@value #WAITING_MAX} wait for the API, more
 * are dropped, and one that the API refuses is not tried again.
 */
final class EventQueue implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventQueue.class);
    private static final int WAITING_MAX = 32;
    private static final int MESSAGE_LENGTH_MAX = 1_024;
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final BlockingQueue<String> waiting = new ArrayBlockingQueue<>(WAITING_MAX);
    private final KubernetesApi api;
    private final ClusterNames names;
    private final Holder pod;
    private final Supplier<ZonedDateTime> wallClock;
    private final Thread sender;

    EventQueue(KubernetesApi api, ClusterNames names, Holder pod, Supplier<ZonedDateTime> wallClock) {
        this.api = api;
        this.names = names;
        this.pod = pod;
        this.wallClock = wallClock;
        this.sender = Thread.ofVirtual().name("events").start(this::send);
    }

    void add(String reason, String message) {
        if (!waiting.offer(event(reason, message))) {
            LOG.debug("event dropped reason={}", reason);
        }
    }

    private String event(String reason, String message) {
        String now =
                wallClock.get().withZoneSameInstant(ZoneOffset.UTC).withNano(0).format(DateTimeFormatter.ISO_INSTANT);
        ObjectNode event =
                JsonNodeFactory.instance.objectNode().put("apiVersion", "v1").put("kind", "Event");
        event.putObject("metadata").put("generateName", pod.pod() + ".").put("namespace", names.namespace());
        event.putObject("involvedObject")
                .put("apiVersion", "v1")
                .put("kind", "Pod")
                .put("namespace", names.namespace())
                .put("name", pod.pod())
                .put("uid", pod.uid());
        event.putObject("source").put("component", "pgpod-ha-agent");
        return event.put("type", "Normal")
                .put("reason", reason)
                .put("message", message.substring(0, Math.min(message.length(), MESSAGE_LENGTH_MAX)))
                .put("firstTimestamp", now)
                .put("lastTimestamp", now)
                .put("count", 1)
                .toString();
    }

    private void send() {
        try {
            while (true) {
                String event = waiting.take();
                ApiAnswer answer = api.post(names.events(), event, TIMEOUT);
                if (!(answer instanceof ApiAnswer.Answered answered) || !answered.succeeded()) {
                    LOG.debug("event not recorded answer={}", answer.summary());
                }
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        sender.interrupt();
    }
}
