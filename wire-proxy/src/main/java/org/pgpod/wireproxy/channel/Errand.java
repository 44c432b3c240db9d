package org.pgpod.wireproxy.channel;

import io.netty.channel.EventLoop;
import java.util.function.Consumer;

/** The statement that the proxy itself runs at a server connection, one at a time. Confined to the connection's event loop. */
final class Errand {
    private boolean failed;
    private Consumer<Boolean> listener = well -> {};

    void begin(Consumer<Boolean> done) {
        failed = false;
        listener = done;
    }

    /** Postgres has answered with an error. */
    void failed() {
        failed = true;
    }

    /** Tells, a moment later, whether it went well. */
    void end(EventLoop loop, boolean atRest) {
        Consumer<Boolean> heard = listener;
        boolean well = !failed && atRest;
        loop.execute(() -> heard.accept(well));
    }
}
