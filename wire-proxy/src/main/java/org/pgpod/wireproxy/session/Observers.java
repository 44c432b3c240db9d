package org.pgpod.wireproxy.session;

import org.pgpod.wireproxy.protocol.BackendObserver;
import org.pgpod.wireproxy.protocol.CommandTag;
import org.pgpod.wireproxy.protocol.FrontendObserver;
import org.pgpod.wireproxy.protocol.Severity;
import org.pgpod.wireproxy.protocol.SqlText;

/** Tells two observers everything, the conversation first. */
public final class Observers implements FrontendObserver, BackendObserver {
    private final Conversation conversation;
    private final SessionWatch watch;

    public Observers(Conversation conversation, SessionWatch watch) {
        this.conversation = conversation;
        this.watch = watch;
    }

    @Override
    public void clientMessage(byte type) {
        conversation.clientMessage(type);
        watch.clientMessage(type);
    }

    @Override
    public void query(SqlText text) {
        watch.query(text);
    }

    @Override
    public void parse(String statement, SqlText text) {
        watch.parse(statement, text);
    }

    @Override
    public void bind(String portal, String statement) {
        watch.bind(portal, statement);
    }

    @Override
    public void execute(String portal) {
        watch.execute(portal);
    }

    @Override
    public void closeStatement(String statement) {
        watch.closeStatement(statement);
    }

    @Override
    public void authenticated() {
        conversation.authenticated();
        watch.authenticated();
    }

    @Override
    public void commandComplete(CommandTag tag) {
        conversation.commandComplete(tag);
        watch.commandComplete(tag);
    }

    @Override
    public void readyForQuery(byte status) {
        conversation.readyForQuery(status);
        watch.readyForQuery(status);
    }

    @Override
    public void error(long sqlState, Severity severity) {
        conversation.error(sqlState, severity);
        watch.error(sqlState, severity);
    }

    @Override
    public void copyInStarted() {
        conversation.copyInStarted();
        watch.copyInStarted();
    }

    @Override
    public void notice(Severity severity) {
        conversation.notice(severity);
        watch.notice(severity);
    }

    @Override
    public void unknownMessage() {
        conversation.unknownMessage();
        watch.unknownMessage();
    }

    @Override
    public void commitUnresolved() {
        conversation.commitUnresolved();
        watch.commitUnresolved();
    }

    @Override
    public void emptyQuery() {
        watch.emptyQuery();
    }

    @Override
    public void portalSuspended() {
        watch.portalSuspended();
    }

    @Override
    public void applicationName(String name) {
        watch.applicationName(name);
    }
}
