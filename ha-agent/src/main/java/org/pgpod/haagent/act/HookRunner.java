package org.pgpod.haagent.act;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.pgpod.core.pod.Credential;
import org.pgpod.haagent.conf.HooksFile;
import org.pgpod.haagent.model.Hook;
import org.pgpod.haagent.model.port.HookPort;

/** Runs hooks, each on a thread of its own that is given up when its time is over or nobody wants it any more. */
public final class HookRunner implements HookPort {
    private static final long POLL_MILLIS = 50;
    private static final int DETAIL_CHARS_MAX = 512;

    private final Map<Hook.Event, List<Hook>> hooks;
    private final Login login;
    private final Map<String, String> environment;

    /**
     * @param login for the hooks that run SQL
     * @param environment of the programs, besides the event and the hook's name
     */
    public HookRunner(Map<Hook.Event, List<Hook>> hooks, Login login, Map<String, String> environment) {
        this.hooks = Map.copyOf(hooks);
        this.login = login;
        this.environment = Map.copyOf(environment);
    }

    /** Who runs SQL, and where. */
    public record Login(String host, int port, String role, Credential credential) {}

    /** Work that has begun: to be run to its end on one thread, and to be ended from another. */
    interface Attempt {
        /** What is to be told when it was done; an exception when it was not. */
        String run() throws Exception;

        /** Makes {@link #run} return soon; called any number of times, also before and after it. */
        void end();
    }

    @Override
    public List<Hook> at(Hook.Event event) {
        return hooks.getOrDefault(event, List.of());
    }

    private Attempt attempt(Hook.Event event, Hook hook) {
        String name = HooksFile.key(event);
        return switch (hook.work()) {
            case Hook.Work.Sql sql -> new HookSql(sql, login, event, hook.timeout());
            case Hook.Work.Command command -> new HookCommand(command, name, hook.name(), environment);
            case Hook.Work.Http http -> new HookHttp(http, name, hook.timeout(), environment);
        };
    }

    @Override
    public Hook.Ended run(Hook.Event event, Hook hook, BooleanSupplier cancelled) {
        long begun = System.nanoTime();
        Attempt attempt = attempt(event, hook);
        CompletableFuture<String> end = new CompletableFuture<>();
        Thread thread = Thread.ofVirtual().name("hook-" + hook.name()).start(() -> {
            try {
                end.complete(attempt.run());
            } catch (Exception failed) {
                end.completeExceptionally(failed);
            }
        });
        try {
            while (true) {
                Duration took = Duration.ofNanos(System.nanoTime() - begun);
                if (took.compareTo(hook.timeout()) >= 0) {
                    return ended(event, hook, Hook.Outcome.TIMED_OUT, "after its time-out", begun);
                }
                if (cancelled.getAsBoolean()) {
                    return ended(event, hook, Hook.Outcome.CANCELLED, "something newer happened", begun);
                }
                try {
                    return ended(event, hook, Hook.Outcome.DONE, end.get(POLL_MILLIS, TimeUnit.MILLISECONDS), begun);
                } catch (TimeoutException notYet) {
                    // The limits are looked at again.
                }
            }
        } catch (ExecutionException failed) {
            return ended(event, hook, Hook.Outcome.FAILED, describe(failed), begun);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return ended(event, hook, Hook.Outcome.CANCELLED, "the agent stops", begun);
        } finally {
            attempt.end();
            thread.interrupt();
        }
    }

    private static String describe(ExecutionException failed) {
        Throwable cause = failed.getCause() == null ? failed : failed.getCause();
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private static Hook.Ended ended(Hook.Event event, Hook hook, Hook.Outcome outcome, String detail, long begun) {
        String line = detail.replaceAll("\\s+", " ").strip();
        return new Hook.Ended(
                event,
                hook.name(),
                outcome,
                line.substring(0, Math.min(line.length(), DETAIL_CHARS_MAX)),
                Duration.ofNanos(System.nanoTime() - begun));
    }
}
