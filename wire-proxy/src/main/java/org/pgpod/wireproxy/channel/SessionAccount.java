package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import org.pgpod.wireproxy.session.Conversation;
import org.pgpod.wireproxy.session.SessionWatch;
import org.pgpod.wireproxy.telemetry.Counters;
import org.pgpod.wireproxy.telemetry.ListenerName;

/** What is counted of one session that is relayed. Confined to its event loop. */
final class SessionAccount {
    private final Counters counters;
    private final ListenerName listener;
    private final Conversation conversation;
    private final SessionWatch watch;
    private boolean begun;

    SessionAccount(Counters counters, ListenerName listener, Conversation conversation, SessionWatch watch) {
        this.counters = counters;
        this.listener = listener;
        this.conversation = conversation;
        this.watch = watch;
    }

    /** It has reached Postgres. */
    void begun(Tenure tenure) {
        begun = true;
        counters.sessions(listener).increment();
        counters.active(listener).increment();
        watch.serverReached();
        tenure.stay().reached();
        if (tenure.isElsewhere() && !tenure.stay().isOfStandby()) {
            counters.sessionsForwarded.increment();
        }
    }

    void fromClient(int messages, ByteBuf bytes) {
        counters.messagesFromClients.add(messages);
        counters.bytesFromClients.add(bytes.readableBytes());
    }

    void fromPostgres(int messages, ByteBuf bytes) {
        counters.messagesFromPostgres.add(messages);
        counters.bytesFromPostgres.add(bytes.readableBytes());
    }

    /** Both of its connections are gone. */
    void over() {
        if (begun) {
            counters.active(listener).decrement();
            conversation.ended();
            watch.ended();
        }
    }
}
