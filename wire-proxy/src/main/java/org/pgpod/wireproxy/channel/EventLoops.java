package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.pgpod.wireproxy.console.PoolLine;
import org.pgpod.wireproxy.console.Report;
import org.pgpod.wireproxy.lease.Census;

/** The event loops, the allocator with one arena for each of them, and the sessions that live on each. */
public final class EventLoops {
    private static final int PAGE_BYTES = 8_192;

    /** Chunks of 1 MiB: a session's buffers are at most 64 KiB, and a quiet proxy should hold little. */
    private static final int CHUNK_ORDER = 7;

    private static final long ANSWER_MILLIS_MAX = 500;
    private static final long STOP_QUIET_MILLIS = 0;
    private static final long STOP_MILLIS_MAX = 2_000;

    private final EventLoopGroup group;
    private final PooledByteBufAllocator allocator;

    /** Each set is touched by its own loop only; the map itself never changes. */
    private final Map<EventExecutor, Set<ClientSession>> sessions = new HashMap<>();

    private final Map<EventExecutor, LoopPools> pools = new ConcurrentHashMap<>();

    private EventLoops(int count) {
        ThreadFactory threads =
                Thread.ofPlatform().name("proxy-loop-", 0).daemon(true).factory();
        this.group = new MultiThreadIoEventLoopGroup(count, threads, EpollIoHandler.newFactory());
        this.allocator = new PooledByteBufAllocator(
                true,
                count,
                count,
                PAGE_BYTES,
                CHUNK_ORDER,
                PooledByteBufAllocator.defaultSmallCacheSize(),
                PooledByteBufAllocator.defaultNormalCacheSize(),
                false);
        group.forEach(loop -> sessions.put(loop, new HashSet<>()));
    }

    /** Starts the loops; the error says why the native transport cannot be used. */
    public static EventLoops open(int count) throws IOException {
        if (!Epoll.isAvailable()) {
            throw new IOException(
                    "the native transport (epoll), which the Unix socket of Postgres needs, is not usable: "
                            + Epoll.unavailabilityCause());
        }
        return new EventLoops(count);
    }

    /** From here on every loop has pools of server connections; called once, before anybody connects. */
    public void share(Surroundings surroundings, Pooling pooling) {
        group.forEach(executor -> {
            EventLoop loop = (EventLoop) executor;
            LoopPools own = new LoopPools(surroundings, pooling, loop);
            pools.put(loop, own);
            own.start();
        });
    }

    /** The server connections of this loop. */
    LoopPools poolsOf(EventLoop loop) {
        LoopPools own = pools.get(loop);
        if (own == null || !loop.inEventLoop()) {
            throw new IllegalStateException("pools belong to their own event loop");
        }
        return own;
    }

    EventLoopGroup group() {
        return group;
    }

    ByteBufAllocator allocator() {
        return allocator;
    }

    /** Memory outside the heap that the buffers of all connections have taken, in chunks that are kept for reuse. */
    public long bufferBytes() {
        return allocator.metric().usedDirectMemory();
    }

    /** The sessions of the calling loop. */
    Set<ClientSession> sessionsOf(EventLoop loop) {
        Set<ClientSession> own = sessions.get(loop);
        if (own == null || !loop.inEventLoop()) {
            throw new IllegalStateException("sessions belong to their own event loop");
        }
        return own;
    }

    /** Has every session look at the lease again, soon and without waiting for it. */
    public void review() {
        sessions.forEach((loop, own) -> loop.execute(() -> review(loop, own)));
    }

    private void review(EventExecutor loop, Set<ClientSession> own) {
        LoopPools ownPools = pools.get(loop);
        if (ownPools != null) {
            ownPools.review();
        }
        List.copyOf(own).forEach(ClientSession::review);
    }

    /** Counts, after each loop has carried out the current view; empty when a loop does not answer in time. */
    public Optional<Census> census() {
        List<Future<Census>> counts = new ArrayList<>();
        sessions.forEach((loop, own) -> counts.add(loop.submit(() -> {
            review(loop, own);
            return own.stream().map(ClientSession::census).reduce(Census.EMPTY, Census::plus);
        })));
        return answers(counts).map(all -> all.stream().reduce(Census.EMPTY, Census::plus));
    }

    private static <T> Optional<List<T>> answers(List<Future<T>> asked) {
        List<T> answers = new ArrayList<>();
        try {
            for (Future<T> one : asked) {
                answers.add(one.get(ANSWER_MILLIS_MAX, TimeUnit.MILLISECONDS));
            }
            return Optional.of(answers);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException | TimeoutException noAnswer) {
            return Optional.empty();
        }
    }

    /** Asks the pools of every loop, each on its own loop; the answers are heard on the one given, and nobody waits. */
    <T> void gather(EventLoop answerOn, Function<LoopPools, T> question, Consumer<List<T>> listener) {
        List<T> answers = new ArrayList<>();
        pools.forEach((loop, own) -> loop.execute(() -> {
            T answer = question.apply(own);
            answerOn.execute(() -> {
                answers.add(answer);
                if (answers.size() == pools.size()) {
                    listener.accept(answers);
                }
            });
        }));
    }

    /** What the pools of all loops have; empty without pools, or when a loop does not answer in time. */
    public List<PoolLine> poolLines() {
        List<Future<Report>> parts = new ArrayList<>();
        pools.forEach((loop, own) -> parts.add(loop.submit(own::report)));
        return answers(parts).map(reports -> Report.of(reports).pools()).orElse(List.of());
    }

    /** Tells every session that the proxy ends, then ends the loops. */
    public void close() {
        sessions.forEach((loop, own) -> loop.execute(() -> List.copyOf(own).forEach(ClientSession::stop)));
        pools.forEach((loop, own) -> loop.execute(own::close));
        group.shutdownGracefully(STOP_QUIET_MILLIS, STOP_MILLIS_MAX, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(2 * STOP_MILLIS_MAX, TimeUnit.MILLISECONDS);
    }
}
