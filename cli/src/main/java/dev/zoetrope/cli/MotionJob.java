package dev.zoetrope.cli;

import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.moft.MotionProgress;
import java.util.function.Consumer;
import java.util.function.Function;

/** A job of MOFT, which needs LibTorch. */
final class MotionJob {
    private MotionJob() {}

    /** Runs a job and hands over its result. */
    static <R> void run(Shell shell, VideoModel model, Function<MotionProgress, R> work, Consumer<R> report) {
        shell.startEngine(model.unetConfig());
        run(shell, work, report);
    }

    /** As the other, without a model. */
    static <R> void run(Shell shell, Function<MotionProgress, R> work, Consumer<R> report) {
        shell.startEngine();
        PartsJob.run(shell, "nothing half-written was left", job -> work.apply(job::progress), report);
    }
}
