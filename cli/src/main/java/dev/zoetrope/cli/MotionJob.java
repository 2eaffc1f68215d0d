package dev.zoetrope.cli;

import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.moft.MotionProfile;
import dev.zoetrope.moft.MotionProgress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** A job of MOFT, which needs LibTorch. */
final class MotionJob {
    private MotionJob() {}

    /** The profile that is given, or else the one beside the model's folder, with its name. */
    static MotionProfile profile(Optional<Path> given, Path model) {
        Path file = given.orElseGet(() -> beside(model));
        Check.that(
                Files.isRegularFile(file),
                "motion profile %s does not exist; make one: zoetrope motion fit -m MODEL -o %s",
                file,
                file);
        return MotionProfile.read(file);
    }

    private static Path beside(Path model) {
        Path folder = model.toAbsolutePath().normalize();
        return folder.resolveSibling(folder.getFileName() + ".moft");
    }

    /**
     * The profile that is given, or else the one beside the model's folder if there is one and clips are read as it was.
     *
     * @param reading how clips are read
     */
    static Optional<MotionProfile> profileIfAny(Optional<Path> given, Path model, ReadingChoice reading) {
        Optional<Path> own =
                reading.isUsual() ? Optional.of(beside(model)).filter(Files::isRegularFile) : Optional.empty();
        return given.or(() -> own).map(MotionProfile::read);
    }

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
