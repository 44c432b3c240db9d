package org.pgpod.wireproxy.protocol;

/** Types of messages that clients send, as far as the proxy tells them apart. */
public final class Frontend {
    public static final byte QUERY = 'Q';
    public static final byte SYNC = 'S';
    public static final byte FUNCTION_CALL = 'F';
    public static final byte FLUSH = 'H';
    public static final byte COPY_DATA = 'd';
    public static final byte COPY_DONE = 'c';
    public static final byte COPY_FAIL = 'f';
    public static final byte TERMINATE = 'X';
    public static final byte PARSE = 'P';
    public static final byte BIND = 'B';
    public static final byte DESCRIBE = 'D';
    public static final byte EXECUTE = 'E';
    public static final byte CLOSE = 'C';
    /** Passwords and all other answers to an authentication request. */
    public static final byte AUTHENTICATION_ANSWER = 'p';

    private Frontend() {}
}
