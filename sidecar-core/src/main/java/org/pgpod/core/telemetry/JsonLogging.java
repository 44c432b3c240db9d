package org.pgpod.core.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.FileSize;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets up logging for a process: one JSON object a line on standard output, and the same lines in a file that log-shipper
 * reads. Files are kept up to {@value #FILES_KEPT} times {@value #FILE_BYTES}.
 */
public final class JsonLogging {
    private static final String FILE_BYTES = "10MB";
    private static final int FILES_KEPT = 3;

    private JsonLogging() {}

    /** Starts logging; {@code file} is where the lines go besides standard output. */
    public static void start(String sidecar, Level level, Optional<Path> file) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        JsonLineEncoder encoder = new JsonLineEncoder(sidecar, UUID.randomUUID().toString());
        encoder.setContext(context);
        encoder.start();
        ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(level);
        root.addAppender(console(context, encoder));
        file.ifPresent(path -> root.addAppender(rolling(context, encoder, path)));
    }

    /** For commands that people run: libraries say nothing but warnings, on standard output. */
    public static void warningsOnly() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
    }

    private static Appender<ILoggingEvent> console(LoggerContext context, JsonLineEncoder encoder) {
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setEncoder(encoder);
        console.start();
        return console;
    }

    private static Appender<ILoggingEvent> rolling(LoggerContext context, JsonLineEncoder encoder, Path file) {
        RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
        appender.setContext(context);
        appender.setFile(file.toString());
        appender.setEncoder(encoder);
        SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
        size.setContext(context);
        size.setMaxFileSize(FileSize.valueOf(FILE_BYTES));
        FixedWindowRollingPolicy window = new FixedWindowRollingPolicy();
        window.setContext(context);
        window.setParent(appender);
        window.setFileNamePattern(file + ".%i");
        window.setMinIndex(1);
        window.setMaxIndex(FILES_KEPT);
        window.start();
        size.start();
        appender.setRollingPolicy(window);
        appender.setTriggeringPolicy(size);
        appender.start();
        return appender;
    }
}
