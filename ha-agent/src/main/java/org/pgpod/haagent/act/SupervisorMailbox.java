package org.pgpod.haagent.act;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.pgpod.core.pod.AtomicFile;
import org.pgpod.core.pod.BootClock;
import org.pgpod.haagent.client.SmallFile;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.Reading;
import org.pgpod.haagent.model.port.SupervisorAnswer;

/**
 * Places requests in the supervisor's mailbox and waits for their answers. Requests are numbered by the boot clock, so
 * that no two of one boot share a number, whichever run of the agent made them.
 */
public final class SupervisorMailbox {
    /** The supervisor keeps no more of a tool's output than this. */
    private static final int OUTPUT_BYTES_MAX = 2 * 1_048_576;

    private static final int STATUS_BYTES_MAX = 16;
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long INSTANCE_CHECK_MILLIS = 500;

    /** A request that nobody waits for is void when the supervisor does not come to it within this time. */
    private static final Duration UNWATCHED_LIMIT = Duration.ofSeconds(10);

    private final Path requests;
    private final Path answers;
    private final BootClock clock;
    private final Supplier<Reading<SupervisorState>> state;
    private final AtomicLong lastNumber = new AtomicLong();

    /** @param state the supervisor's state now, which names the instance to address */
    public SupervisorMailbox(Path supervisorDirectory, BootClock clock, Supplier<Reading<SupervisorState>> state) {
        this.requests = supervisorDirectory.resolve("req");
        this.answers = supervisorDirectory.resolve("ans");
        this.clock = clock;
        this.state = state;
    }

    /** A request in the mailbox: its file name and the run of the supervisor it is meant for. */
    private record Placed(String name, String instance) {}

    /** Places the request and waits for its answer. One that was not taken in time is taken back. */
    public SupervisorAnswer perform(SupervisorRequest request, Duration timeout) {
        long deadline = clock.nowMillis() + timeout.toMillis();
        return switch (place(request, deadline)) {
            case Reading.Failure<Placed>(String reason) -> new SupervisorAnswer.Unanswered(reason);
            case Reading.Value<Placed>(Placed placed) -> await(placed, deadline);
        };
    }

    public Effect send(SupervisorRequest request) {
        return switch (place(request, clock.nowMillis() + UNWATCHED_LIMIT.toMillis())) {
            case Reading.Failure<Placed>(String reason) -> new Effect.Failed(reason);
            case Reading.Value<Placed> ignored -> new Effect.Changed();
        };
    }

    private Reading<Placed> place(SupervisorRequest request, long byMillis) {
        Optional<String> instance = instance();
        if (instance.isEmpty()) {
            return Reading.failed("there is no supervisor to ask");
        }
        String name = number() + "-" + request.operation().text();
        try {
            // The supervisor takes whatever does not begin with a dot.
            Path hidden = requests.resolve("." + name);
            AtomicFile.replace(hidden, text(request, instance.get(), byMillis));
            Files.move(hidden, requests.resolve(name), StandardCopyOption.ATOMIC_MOVE);
            return Reading.of(new Placed(name, instance.get()));
        } catch (IOException failed) {
            return Reading.failed("the request cannot be placed: " + failed);
        }
    }

    private Optional<String> instance() {
        return state.get() instanceof Reading.Value<SupervisorState>(SupervisorState known)
                ? Optional.of(known.instance())
                : Optional.empty();
    }

    private long number() {
        return lastNumber.updateAndGet(last -> Math.max(last + 1, clock.nowMillis()));
    }

    private static String text(SupervisorRequest request, String instance, long byMillis) {
        StringBuilder text = new StringBuilder("pgpod-req=1 instance=")
                .append(instance)
                .append(" op=")
                .append(request.operation().text());
        request.words().forEach(word -> text.append(' ').append(word));
        text.append(" by=").append(byMillis).append(" end\n");
        for (String argument : request.arguments()) {
            if (argument.indexOf('\n') >= 0) {
                throw new IllegalArgumentException("an argument of " + request.operation() + " spans lines");
            }
            text.append("arg=").append(argument).append('\n');
        }
        return text.toString();
    }

    private SupervisorAnswer await(Placed placed, long deadline) {
        long nextInstanceCheck = clock.nowMillis() + INSTANCE_CHECK_MILLIS;
        while (true) {
            Optional<SupervisorAnswer> answer = answer(placed.name());
            if (answer.isPresent()) {
                return answer.get();
            }
            long now = clock.nowMillis();
            if (now >= deadline || Thread.currentThread().isInterrupted()) {
                return takeBack(placed, "no answer to " + placed.name() + " in time");
            }
            if (now >= nextInstanceCheck) {
                nextInstanceCheck = now + INSTANCE_CHECK_MILLIS;
                if (instance()
                        .filter(current -> !current.equals(placed.instance()))
                        .isPresent()) {
                    return takeBack(placed, "the supervisor was replaced during " + placed.name());
                }
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private Optional<SupervisorAnswer> answer(String name) {
        Path status = answers.resolve(name + ".rc");
        Path output = answers.resolve(name + ".out");
        try {
            String text = SmallFile.read(status, STATUS_BYTES_MAX);
            if (!text.endsWith("\n")) {
                return Optional.empty();
            }
            int rc = Integer.parseInt(text.strip());
            String printed = Files.exists(output) ? SmallFile.read(output, OUTPUT_BYTES_MAX) : "";
            return Optional.of(new SupervisorAnswer.Answered(rc, printed));
        } catch (NoSuchFileException notYet) {
            return Optional.empty();
        } catch (IOException | NumberFormatException unreadable) {
            return Optional.of(
                    new SupervisorAnswer.Unanswered("the answer to " + name + " is not readable: " + unreadable));
        }
    }

    private SupervisorAnswer takeBack(Placed placed, String why) {
        try {
            Files.deleteIfExists(requests.resolve(placed.name()));
            return new SupervisorAnswer.Unanswered(why);
        } catch (IOException failed) {
            return new SupervisorAnswer.Unanswered(why + ", and it cannot be taken back: " + failed);
        }
    }
}
