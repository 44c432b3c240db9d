package org.pgpod.wireproxy.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackendWalkerTest {
    /** Writes down what it is told. */
    private static final class Notes implements BackendObserver {
        final List<String> lines = new ArrayList<>();

        @Override
        public void authenticated() {
            lines.add("authenticated");
        }

        @Override
        public void commandComplete(CommandTag tag) {
            lines.add("complete " + tag);
        }

        @Override
        public void readyForQuery(byte status) {
            lines.add("ready " + (char) status);
        }

        @Override
        public void error(long sqlState, Severity severity) {
            lines.add("error " + SqlState.text(sqlState) + " " + severity);
        }

        @Override
        public void copyInStarted() {
            lines.add("copy");
        }

        @Override
        public void notice(Severity severity) {
            lines.add("notice " + severity);
        }

        @Override
        public void unknownMessage() {
            lines.add("unknown");
        }

        @Override
        public void commitUnresolved() {
            lines.add("unresolved");
        }
    }

    private static void message(ByteBuf stream, char type, byte[] body) {
        stream.writeByte(type).writeInt(4 + body.length).writeBytes(body);
    }

    private static void message(ByteBuf stream, char type, String body) {
        message(stream, type, body.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static ByteBuf stream() {
        ByteBuf stream = Unpooled.buffer();
        message(stream, 'R', new byte[] {0, 0, 0, 10, 'S', 'C', 'R', 'A', 'M', 0, 0});
        message(stream, 'R', new byte[] {0, 0, 0, 0});
        message(stream, 'S', "TimeZone\0UTC\0");
        message(stream, 'Z', "I");
        message(stream, 'T', "x".repeat(70));
        message(stream, 'D', "Z\0\0\0\5I".repeat(30));
        message(stream, 'C', "SELECT 1\0");
        message(stream, 'C', "SET\0");
        message(stream, 'C', "BEGIN\0");
        message(stream, 'Z', "T");
        message(stream, 'E', "SERROR\0VERROR\0C23505\0MC00000 is not the code\0\0");
        message(stream, 'E', "MSC99999\0\0");
        message(stream, 'E', "");
        message(stream, 'n', "");
        message(stream, 'E', "SFATAL\0C57P01\0Mthe text VPANIC is not the field\0\0");
        message(stream, 'E', "SPANIK\0VPANIC\0CXX000\0\0");
        message(stream, 'E', "VERRORS\0CXX000\0\0");
        message(stream, 'N', "SHINWEIS\0VNOTICE\0C00000\0\0");
        message(stream, 'N', "SWARNING\0VWARNING\0C00000\0\0");
        message(stream, 'N', "SLOG\0C00000\0\0");
        message(stream, '?', "no type");
        message(stream, 'Z', "E");
        message(stream, 'C', "ROLLBACK\0");
        message(stream, 'C', "COMMIT\0");
        message(stream, 'C', "COMMENT\0");
        message(stream, 'C', "START TRANSACTION\0");
        message(stream, 'C', "INSERT 0 1\0");
        message(stream, 'C', "DELETE 0\0");
        message(stream, 'C', "DECLARE CURSOR\0");
        message(stream, 'C', "UPDATE 7\0");
        message(stream, 'G', new byte[] {0, 0, 0});
        message(stream, 'Z', "I");
        return stream;
    }

    private static final List<String> SEEN = List.of(
            "authenticated",
            "ready I",
            "complete SELECT",
            "complete OTHER",
            "complete BEGIN",
            "ready T",
            "error 23505 ERROR",
            "error unknown UNKNOWN",
            "error unknown UNKNOWN",
            "error 57P01 UNKNOWN",
            "error XX000 PANIC",
            "error XX000 UNKNOWN",
            "notice NOTICE",
            "notice WARNING",
            "notice UNKNOWN",
            "unknown",
            "ready E",
            "complete ROLLBACK",
            "complete COMMIT",
            "complete OTHER",
            "complete BEGIN",
            "complete INSERT",
            "complete DELETE",
            "complete OTHER",
            "complete UPDATE",
            "copy",
            "ready I");

    @Test
    void anyChunksTellTheSameStory() {
        ByteBuf stream = stream();
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            Notes notes = new Notes();
            BackendWalker walker = BackendWalker.watchingCommits(notes);
            int most = 1 + random.nextInt(60);
            int messages = 0;
            for (int at = 0; at < stream.writerIndex(); ) {
                int length = Math.min(stream.writerIndex() - at, 1 + random.nextInt(most));
                messages += walker.walk(stream.slice(at, length));
                at += length;
            }
            assertThat(notes.lines).as("seed %d round %d", seed, round).isEqualTo(SEEN);
            assertThat(messages).isEqualTo(32);
            assertThat(walker.atBoundary()).isTrue();
        }
    }

    private static ByteBuf notice(String fields) {
        ByteBuf stream = Unpooled.buffer();
        message(stream, 'N', fields);
        message(stream, 'C', "INSERT 0 1\0");
        message(stream, 'Z', "I");
        return stream;
    }

    private static Notes walked(BackendWalker walker, Notes notes, ByteBuf stream, int cut) {
        walker.walk(stream.slice(0, cut));
        walker.walk(stream.slice(cut, stream.writerIndex() - cut));
        return notes;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SWARNING\0VWARNING\0C01000\0Mcanceling\0Fsyncrep.c\0L302\0RSyncRepWaitForLSN\0\0",
                "SWARNUNG\0VWARNING\0C57P01\0MRfremd\0RSyncRepWaitForLSN\0WRother\0\0",
                "RSyncRepWaitForLSN\0\0"
            })
    void nothingIsReportedBehindTheNoticeOfAnUnresolvedCommitWhereverItIsCut(String fields) {
        ByteBuf stream = notice(fields);
        int length = 5 + fields.length();
        for (int cut = 0; cut < stream.writerIndex(); cut++) {
            Notes notes = new Notes();
            BackendWalker walker = BackendWalker.watchingCommits(notes);
            assertThat(walked(walker, notes, stream, cut).lines)
                    .as("cut at %d", cut)
                    .hasSize(2)
                    .allMatch(line -> line.startsWith("notice ") || line.equals("unresolved"))
                    .endsWith("unresolved");
            assertThat(walker.stopped()).isTrue();
            assertThat(walker.atBoundary()).isTrue();
            assertThat(walker.noticeBytes()).isEqualTo(length);
        }
    }

    @Test
    void whatStandsBehindTheNoticeIsCutOffTheBuffer() {
        String fields = "RSyncRepWaitForLSN\0\0";
        ByteBuf stream = notice(fields);
        BackendWalker.watchingCommits(new Notes()).walk(stream);
        assertThat(stream.readableBytes()).isEqualTo(5 + fields.length());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SWARNING\0MSyncRepWaitForLSN\0Rexec_stmt_raise\0\0",
                "SWARNING\0MRSyncRepWaitForLSN\0\0",
                "RSyncRepWaitForLSNs\0\0",
                "RSyncRepWaitForLS\0\0",
                "RxSyncRepWaitForLSN\0\0",
                "RsyncRepWaitForLSN\0\0",
                "RSyncRepWaitForLSN",
                "R\0\0",
                "\0",
                ""
            })
    void otherNoticesAreNotTakenForOneWhereverTheyAreCut(String fields) {
        ByteBuf stream = notice(fields);
        for (int cut = 0; cut < stream.writerIndex(); cut++) {
            Notes notes = new Notes();
            BackendWalker walker = BackendWalker.watchingCommits(notes);
            assertThat(walked(walker, notes, stream, cut).lines)
                    .as("cut at %d", cut)
                    .hasSize(3)
                    .endsWith("complete INSERT", "ready I");
            assertThat(walker.noticeBytes()).isZero();
        }
    }

    @Test
    void replicationIsNotWatched() {
        Notes notes = new Notes();
        BackendWalker walker = BackendWalker.passingNotices(notes);
        assertThat(walked(walker, notes, notice("RSyncRepWaitForLSN\0\0"), 7).lines)
                .containsExactly("notice UNKNOWN", "complete INSERT", "ready I");
        assertThat(walker.stopped()).isFalse();
    }

    @Test
    void everyByteInsideAMessageIsNoBoundary() {
        ByteBuf stream = Unpooled.buffer();
        message(stream, 'D', "row");
        BackendWalker walker = BackendWalker.watchingCommits(new Notes());
        for (int at = 0; at < stream.writerIndex() - 1; at++) {
            walker.walk(stream.slice(at, 1));
            assertThat(walker.atBoundary()).as("after byte %d", at).isFalse();
        }
        walker.walk(stream.slice(stream.writerIndex() - 1, 1));
        assertThat(walker.atBoundary()).isTrue();
    }

    @Test
    void aSenselessLengthLosesTheWalkerForGood() {
        ByteBuf stream = Unpooled.buffer();
        stream.writeByte('D').writeInt(3);
        message(stream, 'Z', "I");
        Notes notes = new Notes();
        BackendWalker walker = BackendWalker.watchingCommits(notes);
        walker.walk(stream);
        assertThat(walker.lost()).isTrue();
        assertThat(walker.atBoundary()).isFalse();
        assertThat(notes.lines).isEmpty();
    }
}
