package dev.zoetrope.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;

/** Warnings of the libraries go to standard error as plain lines; with --debug everything does. Found by its service file. */
public final class LogSetup extends ContextAwareBase implements Configurator {
    private static volatile boolean debug;

    /** Called before the first logger is made: making one early would cost every command its start. */
    static void setDebug(boolean value) {
        debug = value;
    }

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(debug ? "%d{HH:mm:ss.SSS} %level %logger{0}: %msg%n" : "%msg%n");
        encoder.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        context.getLogger("ROOT").addAppender(appender);
        context.getLogger("ROOT").setLevel(Level.WARN);
        // The tokenizer's library looks for graphics cards, which nothing here uses, and warns where it cannot.
        context.getLogger("ai.djl").setLevel(debug ? Level.DEBUG : Level.ERROR);
        context.getLogger("dev.zoetrope").setLevel(debug ? Level.DEBUG : Level.WARN);
        context.getLogger("dev.zoetrope.diffusion.training").setLevel(debug ? Level.DEBUG : Level.INFO);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
