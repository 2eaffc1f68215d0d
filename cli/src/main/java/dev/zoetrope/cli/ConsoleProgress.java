package dev.zoetrope.cli;

import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Progress with time left on standard error: a bar for a person, a plain line now and then for a log. */
final class ConsoleProgress implements AutoCloseable {
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(15);

    private final Shell shell;
    private final String task;
    private final long total;
    private final @Nullable ProgressBar bar;
    private final long startNanos = System.nanoTime();
    private long lastLineNanos = startNanos;

    ConsoleProgress(Shell shell, String task, long total) {
        this.shell = shell;
        this.task = task;
        this.total = total;
        this.bar = shell.terminal() && total > 0
                ? new ProgressBarBuilder()
                        .setTaskName(task)
                        .setInitialMax(total)
                        .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BLOCK)
                        .setUpdateIntervalMillis(200)
                        .setConsumer(new ConsoleProgressBarConsumer(shell.err()))
                        .build()
                : null;
    }

    void stepTo(long done) {
        if (bar != null) {
            bar.stepTo(done);
            return;
        }
        line(done, null, "");
    }

    /** As {@link #stepTo(long)} with an own forecast and a note, such as the loss. */
    void stepTo(long done, Duration timeLeft, String note) {
        if (bar != null) {
            bar.setExtraMessage(" " + note);
            bar.stepTo(done);
            return;
        }
        line(done, timeLeft, " " + note);
    }

    private void line(long done, @Nullable Duration timeLeft, String note) {
        long now = System.nanoTime();
        if (done < 1 || now - lastLineNanos < BETWEEN_LINES.toNanos()) {
            return;
        }
        lastLineNanos = now;
        Duration left = timeLeft == null ? Duration.ofNanos((now - startNanos) / done * (total - done)) : timeLeft;
        shell.err().printf("%s: %d of %d, %s left%s%n", task, done, total, Texts.duration(left), note);
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
