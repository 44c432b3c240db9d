package org.pgpod.core.admin;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;

/** Decides which clients of an {@link AdminServer} see more than whether the sidecar is live and ready. */
public interface Gate {
    /** Admits everybody. */
    Gate OPEN = new Gate() {
        @Override
        public boolean admits(HttpExchange exchange) {
            return true;
        }

        @Override
        public void refuse(HttpExchange exchange) {
            throw new IllegalStateException("an open gate refuses nobody");
        }
    };

    /** Asked once for each request, before anything is sent; may add headers to the answer. */
    boolean admits(HttpExchange exchange);

    /** Answers a client that is not admitted. */
    void refuse(HttpExchange exchange) throws IOException;
}
