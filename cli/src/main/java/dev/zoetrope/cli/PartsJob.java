package dev.zoetrope.cli;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** Progress of a job of several parts, a bar for each; Ctrl-C ends it at its next report. */
final class PartsJob implements AutoCloseable {
    private final Shell shell;
    private final CancelHook cancel;
    private Optional<ConsoleProgress> bar = Optional.empty();
    private String task = "";

    private PartsJob(Shell shell, CancelHook cancel) {
        this.shell = shell;
        this.cancel = cancel;
    }

    /**
     * Runs a job and hands over its result.
     *
     * @param left what a cancelled run leaves behind, for the message
     */
    static <R> void run(Shell shell, String left, Function<PartsJob, R> work, Consumer<R> report) {
        CancelHook.run(shell, left, cancel -> {
            R result;
            try (PartsJob job = new PartsJob(shell, cancel)) {
                result = work.apply(job);
            }
            report.accept(result);
        });
    }

    /** Another {@code what} begins the next part. */
    void progress(int done, int total, String what) {
        cancel.check();
        ConsoleProgress current = bar.filter(b -> task.equals(what)).orElseGet(() -> {
            close();
            return new ConsoleProgress(shell, what, total);
        });
        task = what;
        bar = Optional.of(current);
        current.stepTo(done);
    }

    @Override
    public void close() {
        bar.ifPresent(ConsoleProgress::close);
        bar = Optional.empty();
    }
}
