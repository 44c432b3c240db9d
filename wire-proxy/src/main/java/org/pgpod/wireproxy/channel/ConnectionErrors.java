package org.pgpod.wireproxy.channel;

import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs what ends a connection: quietly what the other side may cause at will, loudly what would be a bug. */
final class ConnectionErrors {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionErrors.class);

    private ConnectionErrors() {}

    static void log(String leg, Throwable cause) {
        if (cause instanceof IOException || cause instanceof DecoderException) {
            LOG.debug("connection ended leg={} reason={}", leg, cause.toString());
        } else {
            LOG.error("connection failed leg={}", leg, cause);
        }
    }
}
