package org.pgpod.wireproxy.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pgpod.wireproxy.protocol.CommandTag;
import org.pgpod.wireproxy.protocol.Severity;
import org.pgpod.wireproxy.protocol.SqlState;
import org.pgpod.wireproxy.telemetry.Counters;
import org.pgpod.wireproxy.telemetry.Counters.Outcome;

class ConversationTest {
    private final Counters counters = new Counters();
    private final Conversation conversation = new Conversation(counters);

    private void loggedIn() {
        conversation.authenticated();
        conversation.readyForQuery((byte) 'I');
    }

    private void client(String types) {
        types.chars().forEach(type -> conversation.clientMessage((byte) type));
    }

    private void ready(char status) {
        conversation.readyForQuery((byte) status);
    }

    private long counted(Outcome outcome) {
        return counters.transactions(outcome).sum();
    }

    @Test
    void loginIsNoBoundaryAndItsEndIs() {
        client("p");
        assertThat(conversation.atTransactionBoundary()).isFalse();
        loggedIn();
        assertThat(conversation.atTransactionBoundary()).isTrue();
        assertThat(conversation.isAuthenticated()).isTrue();
    }

    @Test
    void anUnansweredStatementIsNoBoundary() {
        loggedIn();
        client("QQ");
        ready('I');
        assertThat(conversation.atTransactionBoundary()).isFalse();
        ready('I');
        assertThat(conversation.atTransactionBoundary()).isTrue();
    }

    @Test
    void anOpenTransactionIsNoBoundary() {
        loggedIn();
        client("Q");
        ready('T');
        assertThat(conversation.atTransactionBoundary()).isFalse();
        client("Q");
        ready('I');
        assertThat(conversation.atTransactionBoundary()).isTrue();
    }

    @Test
    void extendedMessagesWithoutSyncAreNoBoundary() {
        loggedIn();
        client("PBDE");
        assertThat(conversation.atTransactionBoundary()).isFalse();
        client("SH");
        ready('I');
        assertThat(conversation.atTransactionBoundary()).isTrue();
    }

    @Test
    void theSyncThatCopyIgnoresIsNotWaitedFor() {
        loggedIn();
        client("PBDES");
        conversation.copyInStarted();
        client("ddcS");
        assertThat(conversation.atTransactionBoundary()).isFalse();
        ready('I');
        assertThat(conversation.atTransactionBoundary()).isTrue();
    }

    @Test
    void copyByASimpleQueryIsAnsweredOnce() {
        loggedIn();
        client("Q");
        conversation.copyInStarted();
        client("ddc");
        assertThat(conversation.atTransactionBoundary()).isFalse();
        ready('I');
        assertThat(conversation.atTransactionBoundary()).isTrue();
    }

    @Test
    void anErrorAtRestIsTheServersLastWord() {
        loggedIn();
        assertThat(conversation.atRest()).isTrue();
        conversation.error(SqlState.packed("57P01"), Severity.ERROR);
        assertThat(conversation.atRest()).isFalse();
    }

    @Test
    void aBlockIsOneTransactionHoweverManyStatements() {
        loggedIn();
        conversation.commandComplete(CommandTag.BEGIN);
        ready('T');
        conversation.commandComplete(CommandTag.INSERT);
        ready('T');
        conversation.commandComplete(CommandTag.COMMIT);
        ready('I');
        assertThat(counted(Outcome.COMMIT)).isEqualTo(1);
        assertThat(counted(Outcome.IMPLICIT_COMMIT)).isZero();
        assertThat(counters.statements(CommandTag.INSERT).sum()).isEqualTo(1);
    }

    @Test
    void rollbackToASavepointEndsNothing() {
        loggedIn();
        conversation.commandComplete(CommandTag.BEGIN);
        ready('T');
        conversation.commandComplete(CommandTag.ROLLBACK);
        ready('T');
        assertThat(counted(Outcome.ROLLBACK)).isZero();
        conversation.commandComplete(CommandTag.ROLLBACK);
        ready('I');
        assertThat(counted(Outcome.ROLLBACK)).isEqualTo(1);
    }

    @Test
    void statementsOutsideBlocksAreImplicitTransactions() {
        loggedIn();
        conversation.commandComplete(CommandTag.SELECT);
        ready('I');
        conversation.error(SqlState.packed("22012"), Severity.ERROR);
        ready('I');
        ready('I');
        assertThat(counted(Outcome.IMPLICIT_COMMIT)).isEqualTo(1);
        assertThat(counted(Outcome.IMPLICIT_ROLLBACK)).isEqualTo(1);
    }

    @Test
    void aBlockWithAnUnresolvedCommitIsNeitherCommittedNorRolledBack() {
        loggedIn();
        conversation.commandComplete(CommandTag.BEGIN);
        ready('T');
        conversation.commitUnresolved();
        conversation.ended();
        assertThat(counted(Outcome.ROLLBACK)).isZero();
        assertThat(counted(Outcome.COMMIT)).isZero();
        assertThat(counters.unresolvedCommits.sum()).isEqualTo(1);
    }

    @Test
    void aSessionThatEndsInsideABlockRollsBack() {
        loggedIn();
        conversation.commandComplete(CommandTag.BEGIN);
        ready('T');
        conversation.ended();
        assertThat(counted(Outcome.ROLLBACK)).isEqualTo(1);
    }
}
