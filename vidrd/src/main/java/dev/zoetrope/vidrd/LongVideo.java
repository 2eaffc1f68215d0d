package dev.zoetrope.vidrd;

import dev.zoetrope.diffusion.autoencoder.FrameDecoder;
import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.model.TextToVideoSettings;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.CancellationSignal;
import dev.zoetrope.diffusion.sampling.GuidedDenoiser;
import dev.zoetrope.diffusion.sampling.StepHook;
import dev.zoetrope.diffusion.sampling.StepState;
import dev.zoetrope.diffusion.scheduler.NoiseSource;
import dev.zoetrope.diffusion.scheduler.PredictionType;
import dev.zoetrope.diffusion.unet.UNetConfig;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.VideoOptions;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.media.VideoWriter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A video of many clips that continue each other, on any text-to-video model.
 *
 * <p>{@link #make} writes a file. For more control open one and iterate: each {@link #next()} gives a finished clip that is
 * on disk, and {@link #write} puts them together. Memory does not depend on the number of clips. A run that was killed
 * continues when the same is asked again, and ends with the same bytes.
 *
 * <pre>{@code
 * try (VideoModel model = VideoModel.open(folder)) {
 *     TextToVideoOptions clip = TextToVideoOptions.of("a red circle moves to the left").build();
 *     LongVideoOptions options = LongVideoOptions.of(clip).clips(8).build();
 *     LongVideo.make(model, options, Path.of("out.mp4"), Map.of(), LongVideoListener.NONE, new CancellationSignal());
 * }
 * }</pre>
 */
public final class LongVideo implements Iterator<LongVideo.FinishedClip>, AutoCloseable {
    /** Tag of a finished file that says what it was made from. */
    public static final String JOB_TAG = "job";

    /**
     * A clip on disk.
     *
     * @param index from 0
     * @param file its frames, without loss; any reader of animated PNG shows it
     */
    public record FinishedClip(int index, String prompt, Path file) {}

    private final VideoModel model;
    private final LongVideoOptions options;
    private final TextToVideo pipeline;
    private final TextToVideoSettings settings;
    private final WorkFolder work;
    private final LongVideoListener listener;
    private final CancellationSignal cancel;
    private final int clips;
    private final Optional<VideoTail> tail;
    private final ChainOptions chainOptions;

    private int position;
    private long stepsDone;
    private @Nullable ClipChain chain;
    private @Nullable SeededGenerator generator;

    private LongVideo(
            VideoModel model,
            LongVideoOptions options,
            Path work,
            LongVideoListener listener,
            CancellationSignal cancel) {
        this.model = model;
        this.options = options;
        this.pipeline = new TextToVideo(model);
        this.settings = pipeline.settings(options.generation());
        this.listener = listener;
        this.cancel = cancel;
        this.tail = options.extend().map(file -> new VideoTail(file, settings));
        options.join().check(settings.frames(), options.reuse().promptFrames());
        this.clips = options.clipsOf(settings.frames());
        this.chainOptions = chainOptions(options, settings, clips);
        this.work = new WorkFolder(work, LongVideoJob.ofClips(model, options));
        notices().forEach(listener::notice);
    }

    private static ChainOptions chainOptions(LongVideoOptions options, TextToVideoSettings settings, int clips) {
        List<Long> shape = new ArrayList<>();
        for (long size : settings.latentShape(1)) {
            shape.add(size);
        }
        return new ChainOptions(
                options.reuse(),
                options.prior(),
                settings.scheduler(),
                options.generation().steps(),
                clips,
                options.loop(),
                shape);
    }

    /**
     * Opens or continues a long video. No weights are read before the first {@link #next()}.
     *
     * @param work folder for finished clips; created, or left by a run with the same options
     * @param cancel ends the work at the next step or frame
     * @throws ZoetropeException BAD_INPUT for options the model cannot do, or if the folder holds another video
     */
    public static LongVideo open(
            VideoModel model,
            LongVideoOptions options,
            Path work,
            LongVideoListener listener,
            CancellationSignal cancel) {
        return new LongVideo(model, options, work, listener, cancel);
    }

    /**
     * Checks options against a model, without weights.
     *
     * @return clips that will be made
     * @throws ZoetropeException BAD_INPUT naming what cannot be
     */
    public static int check(VideoModel model, LongVideoOptions options) {
        TextToVideoSettings settings = new TextToVideo(model).settings(options.generation());
        options.extend().ifPresent(file -> new VideoTail(file, settings));
        options.join().check(settings.frames(), options.reuse().promptFrames());
        int clips = options.clipsOf(settings.frames());
        chainOptions(options, settings, clips);
        return clips;
    }

    /**
     * Makes a video file. Finished clips wait in a hidden folder beside it, {@code .NAME.clips}, which is deleted in the
     * end unless {@link LongVideoOptions#keepClips}. If the file is there already, made from the same, nothing is done.
     *
     * @param target the extension chooses the format
     * @param metadata texts for the file; {@value #JOB_TAG} is added
     */
    public static void make(
            VideoModel model,
            LongVideoOptions options,
            Path target,
            Map<String, String> metadata,
            LongVideoListener listener,
            CancellationSignal cancel) {
        check(model, options);
        Map<String, String> texts = new TreeMap<>(metadata);
        String job = LongVideoJob.ofVideo(model, options);
        texts.put(JOB_TAG, job);
        VideoOptions video = VideoOptions.builder()
                .framesPerSecond(options.generation().fps())
                .metadata(texts)
                .build();
        if (isFinished(target, job)) {
            return;
        }
        VideoWriter.open(target, video).close(); // refuses a name that makes no video before the work begins
        Path clipFolder = target.toAbsolutePath().resolveSibling("." + target.getFileName() + ".clips");
        try (LongVideo made = open(model, options, clipFolder, listener, cancel)) {
            made.forEachRemaining(clip -> {});
            try (VideoWriter writer = VideoWriter.open(target, video)) {
                made.write(writer::write);
                writer.finish();
            }
            if (!options.keepClips()) {
                made.work.remove();
            }
        }
    }

    private static boolean isFinished(Path target, String job) {
        if (!Files.isRegularFile(target)) {
            return false;
        }
        try (VideoReader reader = VideoReader.open(target)) {
            return job.equals(reader.info().metadata().get(JOB_TAG));
        } catch (ZoetropeException e) {
            return false; // damaged, or no video: made anew
        }
    }

    private List<String> notices() {
        List<String> notices = new ArrayList<>(chainOptions.notices());
        notices.addAll(pipeline.notices(options.generation()
                .withPrompts(List.copyOf(options.prompts().prompts().values()))));
        boolean ignored = !settings.guidance().isActive()
                && !options.generation().negativePrompt().isEmpty();
        if (ignored) {
            notices.add("with a guidance scale of at most 1 the negative prompt is not used");
        }
        if (model.unetConfig().family() == UNetConfig.Family.VIDRD) {
            notices.addAll(ownNotices());
        }
        return notices;
    }

    /** What does not go well with VidRD's own U-Net. */
    private List<String> ownNotices() {
        List<String> notices = new ArrayList<>();
        String velocity = PredictionType.V_PREDICTION.configName();
        if (velocity.equals(model.schedulerJson().path("prediction_type").asText())) {
            notices.add(
                    "the scheduler says that the network predicts velocity, VidRD's was trained to predict noise; if the"
                            + " clips are noise, take the scheduler of the base model for 512 pixels");
        }
        if (options.temporalDecode() && !model.autoencoderConfig().mixesFrames()) {
            notices.add("the autoencoder has no temporal layers: frames are decoded one by one");
        }
        return notices;
    }

    /** Clips of the whole video. */
    public int clips() {
        return clips;
    }

    @Override
    public boolean hasNext() {
        return position < clips;
    }

    /**
     * The next clip, on disk; made now unless an earlier run did.
     *
     * @throws ZoetropeException CANCELLED, or NATIVE naming clip and step if values are not finite; finished clips stay
     */
    @Override
    public FinishedClip next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        cancel.check();
        ClipChain running = chain == null ? start() : chain;
        int index = position;
        if (index >= running.index()) {
            sample(running);
        }
        position++;
        listener.clipFinished(index, clips, work.clip(index));
        return new FinishedClip(index, options.prompts().prompt(index), work.clip(index));
    }

    private void sample(ClipChain running) {
        int index = running.index();
        try (Scope scope = Scope.noGrad()) {
            Tensor latents = running.next();
            Map<String, Tensor> tensors = new TreeMap<>(running.state());
            tensors.put("latents", latents);
            work.store(index, tensors, running().state());
            decode(index, latents);
        }
    }

    private SeededGenerator running() {
        if (generator == null) {
            generator = new SeededGenerator(options.generation().seed());
        }
        return generator;
    }

    /** A chain at its beginning, or where an earlier run left it. */
    private ClipChain start() {
        SeededGenerator numbers = running();
        ClipChain fresh = new ClipChain(
                chainOptions, this::denoiser, NoiseSource.perSample(List.of(numbers)), List.of(new Watch()));
        chain = fresh;
        OptionalInt last = work.last();
        if (last.isPresent()) {
            restore(fresh, numbers, last.getAsInt());
        } else {
            tail.ifPresent(file -> fresh.continueFrom(file.invert(model, options, List.of(new Watch()))));
        }
        return fresh;
    }

    private void restore(ClipChain fresh, SeededGenerator numbers, int last) {
        try (Scope scope = Scope.noGrad()) {
            Map<String, Tensor> stored = work.read(last);
            fresh.restore(last + 1, stored);
            numbers.restore(WorkFolder.generator(stored));
            Tensor latents = stored.get("latents");
            if (latents == null) {
                throw ZoetropeException.checkpoint("%s: the stored clip lacks its latents", work.clip(last));
            }
            if (!Files.exists(work.clip(last))) {
                decode(last, latents);
            }
        }
        stepsDone = (long) (last + 1 + (tail.isPresent() ? 1 : 0))
                * options.generation().steps();
    }

    private GuidedDenoiser denoiser(int clip) {
        TextToVideoOptions own =
                options.generation().withPrompts(List.of(options.prompts().prompt(clip)));
        return pipeline.guided(own, settings);
    }

    private void decode(int index, Tensor latents) {
        VideoOptions video = VideoOptions.builder()
                .framesPerSecond(options.generation().fps())
                .build();
        try (VideoWriter writer = VideoWriter.open(work.clip(index), video)) {
            Consumer<Frame> sink = frame -> {
                cancel.check();
                writer.write(frame);
            };
            if (options.temporalDecode()) {
                pipeline.decode(latents, 0, options.generation(), sink);
            } else {
                FrameDecoder.frameByFrame(
                                model.autoencoder(), options.generation().tiledDecode())
                        .decode(latents, options.generation().fps(), sink);
            }
            writer.finish();
        }
        work.forgetBefore(index);
    }

    /**
     * Joins the finished clips, after those of the extended file; frames are read from disk one by one.
     *
     * @param sink takes the frames in order
     * @throws ZoetropeException BAD_INPUT if there are clips still to be made
     */
    public void write(Consumer<Frame> sink) {
        if (hasNext()) {
            throw ZoetropeException.badInput("%d of %d clips are made; make the others first", position, clips);
        }
        long[] left = {options.mostFrames()};
        ClipJoiner joiner = new ClipJoiner(options.join(), frame -> {
            cancel.check();
            if (left[0] > 0) {
                left[0]--;
                sink.accept(frame);
            }
        });
        tail.ifPresent(file -> {
            try (VideoReader reader = VideoReader.open(file.file())) {
                left[0] = Long.MAX_VALUE;
                joiner.clip(file.frames(reader));
                long most = options.mostFrames();
                left[0] = most == Long.MAX_VALUE ? most : most + joiner.heldBack();
            }
        });
        for (int i = 0; i < clips; i++) {
            try (VideoReader reader = VideoReader.open(work.clip(i))) {
                boolean closes = options.loop() && options.join().kind() == Join.Kind.DROP && i == clips - 1;
                long most = closes ? settings.frames() - options.join().frames() : Long.MAX_VALUE;
                joiner.clip(() -> new FirstFrames(reader.iterator(), most));
            }
        }
        joiner.finish();
    }

    /** At most so many frames: a loop drops the doubled frames at its seam from the end. */
    private static final class FirstFrames implements Iterator<Frame> {
        private final Iterator<Frame> source;
        private long left;

        FirstFrames(Iterator<Frame> source, long most) {
            this.source = source;
            this.left = most;
        }

        @Override
        public boolean hasNext() {
            return left > 0 && source.hasNext();
        }

        @Override
        public Frame next() {
            left--;
            return source.next();
        }
    }

    /** Progress and cancel at every step. */
    private final class Watch implements StepHook {
        @Override
        public void beforeStep(StepState state) {
            cancel.check();
        }

        @Override
        public void afterStep(StepState state) {
            stepsDone++;
            long runs = (long) clips + (tail.isPresent() ? 1 : 0);
            listener.step(stepsDone, runs * options.generation().steps());
        }
    }

    @Override
    public void close() {
        if (chain != null) {
            chain.close();
        }
        if (generator != null) {
            generator.close();
        }
    }
}
