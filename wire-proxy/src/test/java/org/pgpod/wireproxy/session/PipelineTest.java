package org.pgpod.wireproxy.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgpod.wireproxy.session.Pipeline.Entry;
import org.pgpod.wireproxy.session.Pipeline.Kind;
import org.pgpod.wireproxy.session.Pipeline.Origin;

class PipelineTest {
    private final List<Entry> dropped = new ArrayList<>();
    private final Pipeline pipeline = new Pipeline(dropped::add);

    private void send(Entry... entries) {
        for (Entry entry : entries) {
            pipeline.sent(entry);
        }
    }

    @Test
    void aQueryIsAtRestOnceItIsAnswered() {
        send(Pipeline.QUERY);
        assertThat(pipeline.atRest()).isFalse();
        pipeline.executed();
        pipeline.ready((byte) 'I');
        assertThat(pipeline.atRest()).isTrue();
    }

    @Test
    void anOpenTransactionIsNotAtRest() {
        send(Pipeline.QUERY);
        pipeline.ready((byte) 'T');
        assertThat(pipeline.atRest()).isFalse();
        assertThat(pipeline.isBusy()).isFalse();
    }

    @Test
    void whatNoSyncHasClosedIsNotAtRest() {
        send(Pipeline.PARSE);
        pipeline.answered(Kind.PARSE);
        assertThat(pipeline.atRest()).isFalse();
        send(Pipeline.SYNC);
        pipeline.ready((byte) 'I');
        assertThat(pipeline.atRest()).isTrue();
    }

    @Test
    void everySyncOfAPipelineIsWaitedFor() {
        send(Pipeline.BIND, Pipeline.EXECUTE, Pipeline.SYNC, Pipeline.BIND, Pipeline.EXECUTE, Pipeline.SYNC);
        pipeline.answered(Kind.BIND);
        pipeline.executed();
        pipeline.ready((byte) 'I');
        assertThat(pipeline.atRest()).isFalse();
        pipeline.answered(Kind.BIND);
        pipeline.executed();
        pipeline.ready((byte) 'I');
        assertThat(pipeline.atRest()).isTrue();
    }

    @Test
    void anErrorDropsEverythingUpToSync() {
        Entry local = new Entry(Kind.PARSE, Origin.LOCAL, "a", null);
        send(Pipeline.PARSE, local, Pipeline.BIND, Pipeline.SYNC, Pipeline.PARSE, Pipeline.SYNC);
        pipeline.error();
        assertThat(dropped).containsExactly(Pipeline.BIND, local, Pipeline.PARSE);
        pipeline.ready((byte) 'I');
        assertThat(pipeline.answered(Kind.PARSE)).isEqualTo(Pipeline.PARSE);
        pipeline.ready((byte) 'I');
        assertThat(pipeline.atRest()).isTrue();
    }

    @Test
    void afterAnErrorNothingIsCarriedOutUntilSync() {
        send(Pipeline.PARSE);
        pipeline.error();
        send(Pipeline.QUERY, Pipeline.BIND);
        assertThat(dropped).containsExactly(Pipeline.PARSE, Pipeline.QUERY, Pipeline.BIND);
        assertThat(pipeline.atRest()).isFalse();
        send(Pipeline.SYNC);
        pipeline.ready((byte) 'I');
        assertThat(pipeline.atRest()).isTrue();
    }

    @Test
    void theSyncBehindACopyIsNotAnswered() {
        send(Pipeline.BIND, Pipeline.EXECUTE, Pipeline.SYNC);
        pipeline.answered(Kind.BIND);
        pipeline.copyInStarted();
        send(Pipeline.COPY_END, Pipeline.SYNC);
        pipeline.executed();
        assertThat(pipeline.atRest()).isFalse();
        pipeline.ready((byte) 'I');
        assertThat(pipeline.atRest()).isTrue();
    }

    @Test
    void aCopySentInOneGoIsUnderstood() {
        send(Pipeline.BIND, Pipeline.EXECUTE, Pipeline.COPY_END, Pipeline.SYNC);
        pipeline.answered(Kind.BIND);
        pipeline.copyInStarted();
        assertThat(pipeline.inCopy()).isFalse();
        pipeline.executed();
        pipeline.ready((byte) 'I');
        assertThat(pipeline.atRest()).isTrue();
    }

    @Test
    void aSyncThatACopyMayOrMayNotHaveReadMakesTheConnectionUnusable() {
        send(Pipeline.BIND, Pipeline.EXECUTE, Pipeline.SYNC);
        pipeline.answered(Kind.BIND);
        pipeline.copyInStarted();
        pipeline.error();
        send(Pipeline.SYNC);
        pipeline.ready((byte) 'I');
        assertThat(pipeline.isLost()).isTrue();
        assertThat(pipeline.atRest()).isFalse();
    }

    @Test
    void theEndOfAFailedCopyIsIgnored() {
        send(Pipeline.QUERY);
        pipeline.copyInStarted();
        pipeline.error();
        send(Pipeline.COPY_END);
        pipeline.ready((byte) 'I');
        assertThat(pipeline.atRest()).isTrue();
        send(Pipeline.COPY_END);
        assertThat(pipeline.atRest()).isTrue();
    }

    @Test
    void theProxyAnswersInItsTurn() {
        Entry local = new Entry(Kind.PARSE, Origin.LOCAL, "a", null);
        send(Pipeline.BIND, local);
        assertThat(pipeline.takeLocal()).isNull();
        pipeline.answered(Kind.BIND);
        assertThat(pipeline.takeLocal()).isEqualTo(local);
    }

    @Test
    void anAnswerToNothingMakesTheConnectionUnusable() {
        pipeline.ready((byte) 'I');
        assertThat(pipeline.atRest()).isFalse();
    }
}
