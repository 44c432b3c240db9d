package org.pgpod.haagent.act;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.pgpod.haagent.model.Hook;

/** Runs a program, which is killed with all it started to end it. What it says is told in part. */
final class HookCommand implements HookRunner.Attempt {
    private static final int OUTPUT_BYTES_MAX = 4_096;
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final Hook.Work.Command command;
    private final String event;
    private final String hook;
    private final Map<String, String> environment;
    private final AtomicReference<@Nullable Process> running = new AtomicReference<>();

    HookCommand(Hook.Work.Command command, String event, String hook, Map<String, String> environment) {
        this.command = command;
        this.event = event;
        this.hook = hook;
        this.environment = environment;
    }

    @Override
    public String run() throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command.words()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", PATH);
        builder.environment().putAll(environment);
        builder.environment().put("PGPOD_EVENT", event);
        builder.environment().put("PGPOD_HOOK", hook);
        Process process = builder.start();
        running.set(process);
        process.getOutputStream().close();
        String said = read(process.getInputStream());
        int status = process.waitFor();
        if (status != 0) {
            throw new IOException("exit status " + status + ": " + said);
        }
        return said;
    }

    /** To the end, so that nobody waits on a full pipe; the first part is kept. */
    private static String read(InputStream output) throws IOException {
        byte[] kept = output.readNBytes(OUTPUT_BYTES_MAX);
        output.transferTo(java.io.OutputStream.nullOutputStream());
        return new String(kept, StandardCharsets.UTF_8);
    }

    @Override
    public void end() {
        Process process = running.get();
        if (process != null && process.isAlive()) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
