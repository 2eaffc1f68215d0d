package dev.zoetrope.cli;

import dev.zoetrope.moft.MotionProgress;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** Progress of a job of several parts, a bar for each; Ctrl-C ends it at its next report. */
final class MotionJob implements MotionProgress, AutoCloseable {
    private final Shell shell;
    private final CancelHook cancel;
    private Optional<ConsoleProgress> bar = Optional.empty();
    private String task = "";

    private MotionJob(Shell shell, CancelHook cancel) {
        this.shell = shell;
        this.cancel = cancel;
    }

    /** Runs a job and hands over its result. */
    static <R> void run(Shell shell, Function<MotionProgress, R> work, Consumer<R> report) {
        shell.startEngine();
        CancelHook.run(shell, "nothing half-written was left", cancel -> {
            R result;
            try (MotionJob job = new MotionJob(shell, cancel)) {
                result = work.apply(job);
            }
            report.accept(result);
        });
    }

    @Override
    public void progress(int done, int total, String what) {
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
