package org.pgpod.logshipper.loop;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.pgpod.logshipper.agent.RoleQuestion;
import org.pgpod.logshipper.model.RoleHistory;
import org.pgpod.logshipper.model.ServerRole;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the agent every second and notes its answers; one that does not answer is no error, for a pod may have none. */
final class RoleWatch implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Logger LOG = LoggerFactory.getLogger(RoleWatch.class);

    private final RoleQuestion question;
    private final RoleHistory history;
    private final Clock clock;
    private final CountDownLatch ended = new CountDownLatch(1);
    private boolean answered = true;

    private RoleWatch(RoleQuestion question, RoleHistory history, Clock clock) {
        this.question = question;
        this.history = history;
        this.clock = clock;
    }

    static RoleWatch start(RoleQuestion question, RoleHistory history, Clock clock) {
        RoleWatch watch = new RoleWatch(question, history, clock);
        Thread.ofPlatform().name("log-shipper-role").daemon().start(watch::run);
        return watch;
    }

    private void run() {
        try {
            do {
                look();
            } while (!ended.await(INTERVAL.toNanos(), TimeUnit.NANOSECONDS));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        try {
            ServerRole role = question.ask();
            history.note(BatchFiller.micros(clock.instant()), role);
            answered = true;
        } catch (IOException silent) {
            if (answered) {
                LOG.info("agent does not answer, roles are not known reason={}", silent.getMessage());
            }
            answered = false;
        }
    }

    @Override
    public void close() {
        ended.countDown();
    }
}
