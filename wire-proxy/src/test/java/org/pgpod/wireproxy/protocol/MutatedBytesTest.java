package org.pgpod.wireproxy.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Whatever bytes come, decoders neither throw nor read beyond what is there, and what they find does not depend on how the
 * stream was cut. The inputs are mutants of a kept corpus, the same in each run; a failure names the seed of its mutant.
 */
class MutatedBytesTest {
    private static final int MUTANTS = 10_000;
    private static final int CUTS_MAX = 6;
    private static final int[] LENGTHS = {
        -1, 0, 3, 4, 5, 8, 10_004, 10_005, 1 << 30, Integer.MAX_VALUE, Integer.MIN_VALUE
    };

    /** What walkers tell, in order. */
    private static final class Events implements FrontendObserver, BackendObserver {
        final List<String> told = new ArrayList<>();

        @Override
        public void clientMessage(byte type) {
            told.add("client " + type);
        }

        @Override
        public void query(SqlText text) {
            told.add("query");
        }

        @Override
        public void parse(String statement, SqlText text) {
            told.add("parse " + statement);
        }

        @Override
        public void bind(String portal, String statement) {
            told.add("bind " + portal + " " + statement);
        }

        @Override
        public void execute(String portal) {
            told.add("execute " + portal);
        }

        @Override
        public void closeStatement(String statement) {
            told.add("close " + statement);
        }

        @Override
        public void authenticated() {
            told.add("authenticated");
        }

        @Override
        public void commandComplete(CommandTag tag) {
            told.add("complete " + tag);
        }

        @Override
        public void readyForQuery(byte status) {
            told.add("ready " + status);
        }

        @Override
        public void error(long sqlState, Severity severity) {
            told.add("error " + sqlState + " " + severity);
        }

        @Override
        public void copyInStarted() {
            told.add("copy in");
        }

        @Override
        public void notice(Severity severity) {
            told.add("notice " + severity);
        }

        @Override
        public void unknownMessage() {
            told.add("unknown");
        }

        @Override
        public void emptyQuery() {
            told.add("empty");
        }

        @Override
        public void portalSuspended() {
            told.add("suspended");
        }

        @Override
        public void applicationName(String name) {
            told.add("name " + name);
        }

        @Override
        public void commitUnresolved() {
            told.add("unresolved");
        }
    }

    private static List<byte[]> corpus(String name) throws IOException {
        List<byte[]> inputs = new ArrayList<>();
        try (InputStream file =
                        Objects.requireNonNull(MutatedBytesTest.class.getResourceAsStream("/fuzz/" + name + ".hex"));
                BufferedReader lines = new BufferedReader(new InputStreamReader(file, StandardCharsets.US_ASCII))) {
            lines.lines().forEach(line -> inputs.add(HexFormat.of().parseHex(line.substring(line.indexOf(' ') + 1))));
        }
        return inputs;
    }

    /** The mutant with this seed: some inputs one behind the other, with bytes, lengths and parts of them changed. */
    private static byte[] mutant(List<byte[]> corpus, long seed) {
        Random random = new Random(seed);
        ByteBuf bytes = Unpooled.buffer();
        for (int i = random.nextInt(3); i >= 0; i--) {
            bytes.writeBytes(corpus.get(random.nextInt(corpus.size())));
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(bytes.writerIndex());
            switch (random.nextInt(5)) {
                case 0 -> bytes.setByte(at, random.nextInt());
                case 1 -> bytes.setByte(at, bytes.getByte(at) ^ 1 << random.nextInt(8));
                case 2 -> {
                    if (at + Integer.BYTES <= bytes.writerIndex()) {
                        bytes.setInt(at, LENGTHS[random.nextInt(LENGTHS.length)]);
                    }
                }
                case 3 -> bytes.writerIndex(at + 1);
                default -> {
                    byte[] tail = new byte[bytes.writerIndex() - at];
                    bytes.getBytes(at, tail);
                    bytes.writeBytes(tail);
                }
            }
        }
        byte[] all = new byte[bytes.writerIndex()];
        bytes.getBytes(0, all);
        return all;
    }

    private static List<String> walked(Function<Events, MessageWalker> walker, byte[] bytes, Random cuts) {
        Events events = new Events();
        MessageWalker walking = walker.apply(events);
        int messages = 0;
        int at = 0;
        for (int left = cuts.nextInt(CUTS_MAX); at < bytes.length && !walking.stopped(); left--) {
            int part = left <= 0 ? bytes.length - at : 1 + cuts.nextInt(bytes.length - at);
            ByteBuf buffer = Unpooled.wrappedBuffer(bytes, at, part);
            messages += walking.walk(buffer);
            at += part;
        }
        events.told.add("messages " + messages);
        events.told.add(walking.lost() ? "lost" : "followed");
        return events.told;
    }

    private static int walkAll(String corpus, Function<Events, MessageWalker> walker) throws IOException {
        List<byte[]> inputs = corpus(corpus);
        int done = 0;
        for (long seed = 0; seed < MUTANTS; seed++) {
            byte[] bytes = mutant(inputs, seed);
            List<String> whole = walked(walker, bytes, new Random() {
                private static final long serialVersionUID = 1;

                @Override
                public int nextInt(int bound) {
                    return 0;
                }
            });
            assertThat(walked(walker, bytes, new Random(seed)))
                    .as("%s, seed %d", corpus, seed)
                    .isEqualTo(whole);
            done++;
        }
        return done;
    }

    @Test
    void whatAClientSendsIsUnderstoodAlikeHoweverItIsCut() throws IOException {
        assertThat(walkAll("frontend", FrontendWalker::new)).isEqualTo(MUTANTS);
        assertThat(walkAll("frontend", FrontendWalker::capturing)).isEqualTo(MUTANTS);
    }

    @Test
    void whatPostgresSendsIsUnderstoodAlikeHoweverItIsCut() throws IOException {
        assertThat(walkAll("backend", BackendWalker::watchingCommits)).isEqualTo(MUTANTS);
        assertThat(walkAll("backend", BackendWalker::passingNotices)).isEqualTo(MUTANTS);
    }

    @Test
    void aFirstPacketNeverReachesBeyondItsEnd() throws IOException {
        List<byte[]> inputs = corpus("startup");
        int startups = 0;
        for (long seed = 0; seed < MUTANTS; seed++) {
            byte[] bytes = mutant(inputs, seed);
            ByteBuf buffer = Unpooled.wrappedBuffer(bytes);
            FirstPacket packet = FirstPacket.read(buffer);
            assertThat(buffer.readerIndex()).as("seed %d", seed).isZero();
            if (packet instanceof FirstPacket.Startup startup) {
                startups++;
                assertThat(startup.length()).as("seed %d", seed).isBetween(FirstPacket.LENGTH_MIN, bytes.length);
                ByteBuf own = buffer.slice(0, startup.length());
                assertThat(StartupParameters.read(own).values())
                        .as("seed %d", seed)
                        .isNotNull();
                ByteBuf named = NamedStartup.of(own.retain(), "10.0.0.7:5", UnpooledByteBufAllocator.DEFAULT);
                assertThat(FirstPacket.read(named)).as("seed %d", seed).isNotInstanceOf(FirstPacket.Senseless.class);
                named.release();
            } else if (packet instanceof FirstPacket.Cancel cancel) {
                assertThat(cancel.length()).as("seed %d", seed).isLessThanOrEqualTo(bytes.length);
            }
        }
        assertThat(startups).as("mutants that were still startup packets").isGreaterThan(MUTANTS / 10);
    }

    @Test
    void framesOfALoginEndWithinWhatHasCome() throws IOException {
        List<byte[]> inputs = corpus("backend");
        int messages = 0;
        for (long seed = 0; seed < MUTANTS; seed++) {
            byte[] bytes = mutant(inputs, seed);
            LoginFrames frames = new LoginFrames(1_024);
            frames.add(Unpooled.wrappedBuffer(bytes));
            int left = bytes.length;
            while (frames.next() instanceof LoginFrames.Frame.Message message) {
                left -= MessageWalker.HEADER_BYTES + message.body().readableBytes();
                assertThat(message.body().readableBytes()).as("seed %d", seed).isLessThanOrEqualTo(1_024);
                messages++;
            }
            assertThat(frames.keptBytes()).as("seed %d", seed).isEqualTo(left);
            frames.release();
        }
        assertThat(messages).isGreaterThan(MUTANTS);
    }
}
