package org.pgpod.core.pod;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads {@code CLOCK_BOOTTIME}, the clock behind {@code /proc/uptime}, without a file and without allocation.
 *
 * <p>The supervisor reads {@code /proc/uptime}; {@link #open} refuses to start when the two disagree, as they would under
 * a sandbox that shows another uptime. Source: clock_gettime(2), proc(5).
 */
public final class LinuxBootClock implements BootClock {
    private static final int CLOCK_BOOTTIME = 7;
    private static final long AGREEMENT_MILLIS_MAX = 200;
    private static final long SECONDS_OFFSET = 0;
    private static final long NANOSECONDS_OFFSET = 8;

    private final MethodHandle clockGetTime;
    private final ThreadLocal<MemorySegment> timespec;
    private final String bootId;

    private LinuxBootClock(MethodHandle clockGetTime, String bootId) {
        this.clockGetTime = clockGetTime;
        this.bootId = bootId;
        this.timespec = ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(16, 8));
    }

    /** Opens the clock; throws when this is not Linux or when it disagrees with {@code /proc/uptime}. */
    @SuppressWarnings("restricted") // One libc call that the JDK does not offer; start scripts enable native access.
    public static LinuxBootClock open() throws IOException {
        Linker linker = Linker.nativeLinker();
        MemoryLayout[] parameters = {ValueLayout.JAVA_INT, ValueLayout.ADDRESS};
        MethodHandle handle = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("clock_gettime"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, parameters));
        String bootId = Files.readString(Path.of("/proc/sys/kernel/random/boot_id"), StandardCharsets.US_ASCII)
                .strip();
        LinuxBootClock clock = new LinuxBootClock(handle, bootId);
        // On a busy machine much time may pass between two readings: the file's must fit between two of the clock's.
        long before = clock.nowMillis();
        long uptime = uptimeMillis();
        long after = clock.nowMillis();
        long difference = uptime < before ? before - uptime : Math.min(0, after - uptime);
        if (Math.abs(difference) > AGREEMENT_MILLIS_MAX) {
            throw new IOException("CLOCK_BOOTTIME and /proc/uptime differ by " + difference + " ms; they may differ by "
                    + AGREEMENT_MILLIS_MAX + " ms, else lease deadlines could not be shared");
        }
        return clock;
    }

    private static long uptimeMillis() throws IOException {
        String text = Files.readString(Path.of("/proc/uptime"), StandardCharsets.US_ASCII);
        String seconds = text.substring(0, text.indexOf(' '));
        return new java.math.BigDecimal(seconds).movePointRight(3).longValue();
    }

    @Override
    public long nowMillis() {
        MemorySegment time = timespec.get();
        try {
            int result = (int) clockGetTime.invokeExact(CLOCK_BOOTTIME, time);
            if (result != 0) {
                throw new IllegalStateException("clock_gettime(CLOCK_BOOTTIME) returned " + result);
            }
        } catch (RuntimeException | Error unexpected) {
            throw unexpected;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
        return time.get(ValueLayout.JAVA_LONG, SECONDS_OFFSET) * 1_000
                + time.get(ValueLayout.JAVA_LONG, NANOSECONDS_OFFSET) / 1_000_000;
    }

    @Override
    public String bootId() {
        return bootId;
    }
}
