package org.pgpod.wireproxy.protocol;

/** Types of messages that Postgres sends, as far as the proxy tells them apart. */
final class Backend {
    static final byte AUTHENTICATION = 'R';
    static final byte COMMAND_COMPLETE = 'C';
    static final byte COPY_IN_RESPONSE = 'G';
    static final byte ERROR_RESPONSE = 'E';
    static final byte NOTICE_RESPONSE = 'N';
    static final byte READY_FOR_QUERY = 'Z';

    private Backend() {}
}
