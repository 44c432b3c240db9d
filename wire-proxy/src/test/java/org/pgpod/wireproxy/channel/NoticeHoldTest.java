package org.pgpod.wireproxy.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.pgpod.wireproxy.protocol.BackendWalker;
import org.pgpod.wireproxy.session.Conversation;
import org.pgpod.wireproxy.telemetry.Counters;

class NoticeHoldTest {
    private static final String SYNC_REP = "SWARNING\0Mcanceling\0RSyncRepWaitForLSN\0\0";

    /** What one client got, and what was kept, a character for each byte. */
    private record Seen(String passed, String kept, boolean stopped) {}

    private static String text(ByteBuf bytes) {
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }

    private static void message(ByteBuf stream, char type, String body) {
        stream.writeByte(type).writeInt(4 + body.length()).writeBytes(body.getBytes(StandardCharsets.US_ASCII));
    }

    private static String context(int bytes) {
        return "SNOTICE\0Mhello\0W" + "c".repeat(bytes) + "\0Rexec_stmt_raise\0\0";
    }

    /** Ordinary traffic with notices of all lengths, below, at and above the limit. */
    private static ByteBuf traffic() {
        ByteBuf stream = Unpooled.buffer();
        message(stream, 'C', "BEGIN\0");
        message(stream, 'N', "");
        message(stream, 'N', context(3));
        message(stream, 'N', context(3));
        message(stream, 'D', "N".repeat(70));
        message(stream, 'N', context(BackendWalker.NOTICE_BYTES_MAX));
        message(stream, 'n', "");
        message(stream, 'N', context(BackendWalker.NOTICE_BYTES_MAX - 50));
        message(stream, 'N', "Mno end");
        message(stream, 'C', "INSERT 0 1\0");
        message(stream, 'Z', "T");
        return stream;
    }

    private static Seen pass(ByteBuf stream, Random random, int most) {
        EmbeddedChannel client = new EmbeddedChannel();
        BackendWalker walker = BackendWalker.watchingCommits(new Conversation(new Counters()));
        NoticeHold hold = new NoticeHold(walker);
        for (int at = 0; at < stream.writerIndex() && !walker.stopped(); ) {
            int length = Math.min(stream.writerIndex() - at, 1 + random.nextInt(most));
            ByteBuf chunk = stream.copy(at, length);
            walker.walk(chunk);
            hold.pass(chunk, client);
            at += length;
        }
        client.flush();
        ByteBuf passed = Unpooled.buffer();
        for (ByteBuf part = client.readOutbound(); part != null; part = client.readOutbound()) {
            passed.writeBytes(part);
            part.release();
        }
        Seen seen = new Seen(text(passed), text(hold.kept()), walker.stopped());
        hold.release();
        client.finishAndReleaseAll();
        return seen;
    }

    @Test
    void ordinaryTrafficPassesUnchangedHoweverItIsCut() {
        ByteBuf stream = traffic();
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 400; round++) {
            Seen seen = pass(stream, random, 1 + random.nextInt(round % 2 == 0 ? 40 : 20_000));
            assertThat(seen.passed()).as("seed %d round %d", seed, round).isEqualTo(text(stream));
            assertThat(seen.kept()).isEmpty();
            assertThat(seen.stopped()).isFalse();
        }
    }

    @Test
    void theNoticeOfAnUnresolvedCommitAndWhatFollowsIsWithheldHoweverItIsCut() {
        ByteBuf stream = traffic();
        String before = text(stream);
        message(stream, 'N', SYNC_REP);
        message(stream, 'C', "COMMIT\0");
        message(stream, 'Z', "I");
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 400; round++) {
            Seen seen = pass(stream, random, 1 + random.nextInt(round % 2 == 0 ? 40 : 20_000));
            assertThat(seen.passed()).as("seed %d round %d", seed, round).isEqualTo(before);
            assertThat(seen.kept()).endsWith(SYNC_REP);
            assertThat(seen.kept()).hasSize(5 + SYNC_REP.length());
            assertThat(seen.stopped()).isTrue();
        }
    }

    @Test
    void aNoticeTooLongToBeKeptPassesAndNothingBehindItDoes() {
        ByteBuf stream = Unpooled.buffer();
        message(stream, 'N', "Mlong\0W" + "c".repeat(BackendWalker.NOTICE_BYTES_MAX) + "\0RSyncRepWaitForLSN\0\0");
        String notice = text(stream);
        message(stream, 'C', "COMMIT\0");
        Random random = new Random(3);
        for (int most : new int[] {1, 3, 100, 100_000}) {
            Seen seen = pass(stream, random, most);
            assertThat(seen.passed()).isEqualTo(notice);
            assertThat(seen.kept()).isEmpty();
            assertThat(seen.stopped()).isTrue();
        }
    }
}
