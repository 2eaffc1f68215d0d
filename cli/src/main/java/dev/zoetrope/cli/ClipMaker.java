package dev.zoetrope.cli;

import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.LatentSource;
import dev.zoetrope.diffusion.sampling.StepHook;
import dev.zoetrope.diffusion.sampling.StepState;
import dev.zoetrope.media.VideoOptions;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.media.VideoWriter;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * Makes clips one batch after the other. The latents of a batch are on disk before the first is decoded; a clip appears
 * under its name when it is whole; what is there already is not made again.
 */
final class ClipMaker {
    /**
     * How they are made.
     *
     * @param keepFinished leave clips alone that are there with the same settings
     * @param start noise to start from
     */
    record Wishes(int batchSize, boolean keepFinished, boolean saveLatents, Optional<Path> start) {}

    private final Shell shell;
    private final VideoModel model;
    private final TextToVideo pipeline;
    private final SamplingOptions sampling;
    private final Wishes wishes;

    ClipMaker(Shell shell, VideoModel model, SamplingOptions sampling, Wishes wishes) {
        this.shell = shell;
        this.model = model;
        this.pipeline = new TextToVideo(model);
        this.sampling = sampling;
        this.wishes = wishes;
    }

    /** @return the exit status */
    int make(List<ClipJob> jobs, Optional<Path> sheet) {
        List<ClipJob> todo = jobs.stream()
                .filter(job -> !(wishes.keepFinished() && isFinished(job)))
                .toList();
        if (todo.size() < jobs.size()) {
            shell.err().printf("%d of %d clips are there already%n", jobs.size() - todo.size(), jobs.size());
        }
        if (!todo.isEmpty()) {
            shell.startEngine(model.unetConfig());
            CancelHook.run(
                    shell, "nothing half-written was left, the same command goes on", cancel -> makeAll(todo, cancel));
        }
        sheet.ifPresent(file -> {
            ClipSheets.write(file, jobs, shell.command());
            shell.out().println(file);
        });
        return 0;
    }

    private static boolean isFinished(ClipJob job) {
        if (!Files.isRegularFile(job.target())) {
            return false;
        }
        try (VideoReader reader = VideoReader.open(job.target())) {
            return job.id().equals(reader.info().metadata().get(ClipJob.ID));
        } catch (ZoetropeException e) {
            return false; // damaged, or no video: made anew
        }
    }

    private void makeAll(List<ClipJob> jobs, CancelHook cancel) {
        jobs.stream()
                .map(job -> options(List.of(job)))
                .flatMap(o -> pipeline.notices(o).stream())
                .distinct()
                .forEach(notice -> shell.err().println("note: " + notice));
        List<List<ClipJob>> batches = batches(jobs);
        long start = System.nanoTime();
        try (ConsoleProgress progress =
                new ConsoleProgress(shell, "sampling", batches.size() * sampling.totalSteps())) {
            for (int i = 0; i < batches.size(); i++) {
                batch(batches.get(i), new Watch(progress, i * sampling.totalSteps(), cancel));
            }
        }
        shell.err()
                .printf("%d clips in %s%n", jobs.size(), Texts.duration(Duration.ofNanos(System.nanoTime() - start)));
    }

    /** Jobs in order, cut where the batch is full, or the seeds or negative prompts do not go on. */
    private List<List<ClipJob>> batches(List<ClipJob> jobs) {
        List<List<ClipJob>> batches = new ArrayList<>();
        for (ClipJob job : jobs) {
            List<ClipJob> last = batches.isEmpty() ? List.of() : batches.get(batches.size() - 1);
            boolean joins = !last.isEmpty()
                    && last.size() < wishes.batchSize()
                    && last.get(0).negative().equals(job.negative())
                    && last.get(0).seed() + last.size() == job.seed();
            if (joins) {
                last.add(job);
            } else {
                batches.add(new ArrayList<>(List.of(job)));
            }
        }
        return batches;
    }

    private TextToVideoOptions options(List<ClipJob> jobs) {
        return sampling.build(
                jobs.stream().map(ClipJob::prompt).toList(),
                jobs.get(0).negative(),
                jobs.get(0).seed());
    }

    private void batch(List<ClipJob> jobs, Watch watch) {
        try (Scope scope = Scope.noGrad()) {
            TextToVideoOptions options = options(jobs);
            List<Tensor> latents = new ArrayList<>();
            for (ClipJob job : jobs) {
                Optional<Tensor> pending = wishes.keepFinished() ? LatentFile.pending(job) : Optional.empty();
                pending.ifPresent(latents::add);
            }
            if (latents.size() < jobs.size()) {
                latents = sample(jobs, options, watch);
            }
            for (int i = 0; i < jobs.size(); i++) {
                decode(jobs.get(i), latents.get(i), options, watch);
            }
        }
    }

    private List<Tensor> sample(List<ClipJob> jobs, TextToVideoOptions options, Watch watch) {
        LatentSource source = wishes.start()
                .map(file -> LatentSource.given(LatentFile.read(file)))
                .orElseGet(LatentSource::noise);
        Tensor all = pipeline.generate(options, List.of(watch), source);
        List<Tensor> latents = new ArrayList<>();
        for (int i = 0; i < jobs.size(); i++) {
            Tensor one = Ops.slice(all, 0, i, i + 1L);
            latents.add(one);
            LatentFile.write(jobs.get(i).pendingLatents(), one, jobs.get(i).metadata(shell.command()));
        }
        return latents;
    }

    private void decode(ClipJob job, Tensor latents, TextToVideoOptions options, Watch watch) {
        VideoOptions video = VideoOptions.builder()
                .framesPerSecond(options.fps())
                .metadata(job.metadata(shell.command()))
                .build();
        try (VideoWriter writer = VideoWriter.open(job.target(), video)) {
            pipeline.decode(latents, 0, options, frame -> {
                watch.check();
                writer.write(frame);
            });
            writer.finish();
        }
        finishLatents(job);
        shell.out().println(job.target());
    }

    private void finishLatents(ClipJob job) {
        try {
            if (wishes.saveLatents()) {
                Path kept = job.beside(".latents.safetensors");
                Files.move(job.pendingLatents(), kept, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                shell.out().println(kept);
            } else {
                Files.deleteIfExists(job.pendingLatents());
            }
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot move the latents of %s: %s", job.target(), e.getMessage());
        }
    }

    /** Progress and cancel, at every step and frame. */
    private record Watch(ConsoleProgress progress, long before, CancelHook cancel, long[] done) implements StepHook {
        Watch(ConsoleProgress progress, long before, CancelHook cancel) {
            this(progress, before, cancel, new long[1]);
        }

        @Override
        public void beforeStep(StepState state) {
            cancel.check();
        }

        @Override
        public void afterStep(StepState state) {
            progress.stepTo(before + ++done[0]);
        }

        void check() {
            cancel.check();
        }
    }
}
