package org.pgpod.wireproxy.protocol;

import io.netty.buffer.ByteBuf;

/**
 * Follows what a client sends after its startup packet and tells which types pass. One that captures texts also tells what
 * is to be carried out; it never looks into passwords and COPY data.
 */
public final class FrontendWalker extends MessageWalker {
    private final FrontendObserver observer;
    private final boolean captures;
    private final StatementMessage message = new StatementMessage();

    private FrontendWalker(FrontendObserver observer, boolean captures) {
        this.observer = observer;
        this.captures = captures;
    }

    /** One that looks at types only. */
    public FrontendWalker(FrontendObserver observer) {
        this(observer, false);
    }

    /** One that also tells the texts of statements, and which of them are executed. */
    public static FrontendWalker capturing(FrontendObserver observer) {
        return new FrontendWalker(observer, true);
    }

    @Override
    boolean begun(byte messageType) {
        observer.clientMessage(messageType);
        if (!captures) {
            return false;
        }
        return switch (messageType) {
            case Frontend.QUERY, Frontend.PARSE, Frontend.BIND, Frontend.EXECUTE, Frontend.CLOSE -> {
                message.begin(messageType, bodyBytes());
                yield true;
            }
            default -> false;
        };
    }

    @Override
    void body(ByteBuf buffer, int index, int bytes) {
        message.read(buffer, index, bytes);
    }

    @Override
    void ended(byte messageType) {
        switch (messageType) {
            case Frontend.QUERY -> observer.query(message.text());
            case Frontend.PARSE -> observer.parse(message.name(0), message.text());
            case Frontend.BIND -> observer.bind(message.name(0), message.name(1));
            case Frontend.EXECUTE -> observer.execute(message.name(0));
            default -> {
                if (message.closesStatement()) {
                    observer.closeStatement(message.name(0));
                }
            }
        }
        message.forget();
    }
}
