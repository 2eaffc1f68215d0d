package dev.zoetrope.vidrd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.diffusion.model.ModelFamily;
import dev.zoetrope.diffusion.model.ModelSynth;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.CancellationSignal;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.VideoOptions;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.media.VideoWriter;
import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Long videos of a small random model: what is on disk when, and what a run that was stopped becomes. */
class LongVideoTest {
    private static final int FRAMES = 4;
    private static final int STEPS = 3;
    /** Exit status of a process that was ended by SIGKILL. */
    private static final int KILLED = 128 + 9;

    @TempDir
    static Path shared;

    @TempDir
    Path temporary;

    private static Path modelFolder;

    @BeforeAll
    static void writeModel() {
        modelFolder = shared.resolve("model");
        ModelSynth.write(ModelFamily.MODELSCOPE, ModelSynth.Options.DEFAULTS.withScale(40), modelFolder);
    }

    static TextToVideoOptions clip() {
        return TextToVideoOptions.of("a red ball")
                .frames(FRAMES)
                .size(32, 32)
                .steps(STEPS)
                .scheduler("ddim")
                .guidanceScale(2)
                .seed(5)
                .build();
    }

    static LongVideoOptions.Builder options(int clips) {
        return LongVideoOptions.of(clip()).clips(clips).reuse(ReuseOptions.of(2, 1, 0.7));
    }

    private static void make(LongVideoOptions options, Path target) {
        make(options, target, LongVideoListener.NONE, new CancellationSignal());
    }

    private static void make(
            LongVideoOptions options, Path target, LongVideoListener listener, CancellationSignal cancel) {
        try (VideoModel model = VideoModel.open(modelFolder)) {
            LongVideo.make(model, options, target, Map.of(), listener, cancel);
        }
    }

    private static List<Frame> frames(Path file) {
        try (VideoReader reader = VideoReader.open(file)) {
            List<Frame> frames = new ArrayList<>();
            reader.forEach(frames::add);
            return frames;
        }
    }

    private static List<String> pictures(List<Frame> frames) {
        return frames.stream()
                .map(frame -> java.util.Arrays.toString(frame.rgb()))
                .toList();
    }

    private static List<String> names(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void writesAllFramesOfAllClipsAndTidiesUp() {
        Path target = temporary.resolve("out.png");
        make(options(3).build(), target);
        List<Frame> frames = frames(target);
        assertThat(frames).hasSize(3 * FRAMES);
        assertThat(frames.get(0).width()).isEqualTo(32);
        assertThat(names(temporary)).containsExactly("out.png");
    }

    @Test
    void eachClipIsOnDiskBeforeTheNextBeginsAndOnlyTheLastStateIsKept() {
        Path work = temporary.resolve("work");
        try (VideoModel model = VideoModel.open(modelFolder);
                LongVideo video = LongVideo.open(
                        model, options(3).build(), work, LongVideoListener.NONE, new CancellationSignal())) {
            LongVideo.FinishedClip first = video.next();
            assertThat(frames(first.file())).hasSize(FRAMES);
            assertThat(names(work)).containsExactly("clip-000000.png", "clip-000000.safetensors", "job.json");
            video.next();
            assertThat(names(work))
                    .containsExactly("clip-000000.png", "clip-000001.png", "clip-000001.safetensors", "job.json");
            assertThatThrownBy(() -> video.write(frame -> {})).hasMessageContaining("2 of 3 clips");
        }
    }

    @Test
    void cancelledAnywhereItContinuesToTheSameBytes() throws IOException {
        LongVideoOptions options = options(3)
                .loop(true)
                .prior(new NoisePrior(NoisePrior.Kind.MIXED, 1))
                .build();
        Path whole = temporary.resolve("whole.mp4");
        make(options, whole);
        Path target = temporary.resolve("cut.mp4");
        for (int stop = 1; stop < 3 * STEPS; stop += 2) {
            CancellationSignal cancel = new CancellationSignal();
            long last = stop;
            LongVideoListener listener = new LongVideoListener() {
                @Override
                public void step(long done, long total) {
                    assertThat(total).isEqualTo(3 * STEPS);
                    if (done >= last) {
                        cancel.cancel();
                    }
                }
            };
            assertThatThrownBy(() -> make(options, target, listener, cancel))
                    .isInstanceOfSatisfying(
                            ZoetropeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
            assertThat(target).doesNotExist();
        }
        make(options, target);
        assertThat(Files.readAllBytes(target)).isEqualTo(Files.readAllBytes(whole));
    }

    /** When a process is killed; it waits for an answer after each line it prints, so that it is never further than that. */
    private enum Moment {
        /** While a step of a clip is computed. */
        STEP,
        /** After the last step of a clip, while its latents or pictures are written. */
        CLIP_WRITTEN,
        /** Between a finished clip and the next one. */
        CLIP_FINISHED,
        /** While the finished clips are joined. */
        VIDEO_WRITTEN
    }

    /** The video that is made by processes. */
    static LongVideoOptions killed() {
        // One clip more than the kills before the last one can let finish.
        return options(7).loop(true).build();
    }

    /** kill -9 ten times, in a random order of moments. */
    @Test
    void killedAtTenRandomMomentsItContinuesToTheSameFrames() throws IOException, InterruptedException {
        Path whole = temporary.resolve("whole.mp4");
        make(killed(), whole);
        Path target = temporary.resolve("killed.mp4");
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Moment> moments = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            moments.addAll(List.of(Moment.STEP, Moment.CLIP_WRITTEN, Moment.CLIP_FINISHED));
        }
        Collections.shuffle(moments, random);
        moments.add(Moment.VIDEO_WRITTEN);
        String described = "kills from seed " + seed + ": " + moments;
        for (Moment moment : moments) {
            assertThat(run(target, Optional.of(moment), random)).as(described).isEqualTo(KILLED);
        }
        assertThat(run(target, Optional.empty(), random)).as(described).isZero();
        assertThat(pictures(frames(target))).as(described).isEqualTo(pictures(frames(whole)));
        assertThat(Files.readAllBytes(target)).as(described).isEqualTo(Files.readAllBytes(whole));
    }

    /**
     * Whether the moment comes after this line. Lines are {@code step N}, from 1 over all clips, and {@code clip N}; clips of
     * earlier runs are told, too, so {@code sampled} says whether this run has made a step.
     */
    private static boolean isNow(Moment moment, String line, boolean sampled) {
        int number = Integer.parseInt(line.substring(5));
        boolean step = line.startsWith("step");
        return switch (moment) {
            case STEP -> step && number % STEPS != 0;
            case CLIP_WRITTEN -> step && number % STEPS == 0;
            case CLIP_FINISHED -> !step && sampled;
            case VIDEO_WRITTEN -> !step && number == killed().clips() - 1;
        };
    }

    /** Waits for the moment itself, after the line before it was answered. */
    private static void strike(Moment moment, Path target, Random random) throws InterruptedException {
        if (moment != Moment.VIDEO_WRITTEN) {
            Thread.sleep(random.nextInt(30));
            return;
        }
        // The unfinished video is a file of its own beside the target.
        while (!Files.exists(target)
                && names(target.resolveSibling(".")).stream().noneMatch(n -> n.endsWith(".part"))) {
            Thread.sleep(1);
        }
    }

    /** @return exit status of the process, which is killed at a moment if that comes */
    private static int run(Path target, Optional<Moment> moment, Random random)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        LongVideoProcess.class.getName(),
                        modelFolder.toString(),
                        target.toString())
                .redirectError(ProcessBuilder.Redirect.to(new File("target/killed-process.log")))
                .start();
        boolean sampled = false;
        try (BufferedReader lines =
                        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
                OutputStream answers = process.getOutputStream()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                boolean now = moment.isPresent() && isNow(moment.get(), line, sampled);
                sampled |= line.startsWith("step");
                if (now && moment.get() == Moment.CLIP_FINISHED) {
                    break; // the process waits
                }
                answers.write('\n');
                answers.flush();
                if (now) {
                    strike(moment.get(), target, random);
                    break;
                }
            }
            if (moment.isPresent()) {
                process.destroyForcibly(); // SIGKILL
            }
        }
        return process.waitFor();
    }

    /** Counts native objects that are alive: memory in use is noisy, their number is not. */
    @Test
    void nothingNativeIsKeptOfEarlierClips() {
        List<Long> alive = new ArrayList<>();
        make(
                options(8).loop(true).build(),
                temporary.resolve("out.png"),
                new LongVideoListener() {
                    @Override
                    public void clipFinished(int index, int clips, Path file) {
                        alive.add(Pointer.totalCount());
                    }
                },
                new CancellationSignal());
        // The last clip of a loop ends differently, the first loads the model.
        assertThat(alive.get(6)).describedAs("%s", alive).isLessThanOrEqualTo(alive.get(1) + 2);
    }

    @Test
    void moreClipsAreAddedToKeptOnes() {
        Path target = temporary.resolve("out.png");
        make(options(2).keepClips(true).build(), target);
        List<String> two = pictures(frames(target));
        List<Integer> made = new ArrayList<>();
        make(
                options(3).keepClips(true).build(),
                target,
                new LongVideoListener() {
                    @Override
                    public void step(long done, long total) {
                        made.add((int) done);
                    }
                },
                new CancellationSignal());
        assertThat(made).hasSize(STEPS);
        List<String> three = pictures(frames(target));
        assertThat(three).hasSize(3 * FRAMES);
        assertThat(three.subList(0, 2 * FRAMES)).isEqualTo(two);
    }

    @Test
    void aFinishedFileIsNotMadeAgain() {
        Path target = temporary.resolve("out.png");
        make(options(2).build(), target);
        make(
                options(2).build(),
                target,
                new LongVideoListener() {
                    @Override
                    public void step(long done, long total) {
                        throw new AssertionError("nothing should be sampled");
                    }
                },
                new CancellationSignal());
    }

    @Test
    void saysWhatIsCutOffOrNotUsed() {
        List<String> notices = new ArrayList<>();
        TextToVideoOptions clip = TextToVideoOptions.of("a red ball")
                .negativePrompt("blue ")
                .guidanceScale(1)
                .frames(FRAMES)
                .size(32, 32)
                .scheduler("ddim")
                .build();
        LongVideoOptions options = LongVideoOptions.of(clip)
                .prompts(PromptSchedule.of("a red ball").from(1, "red ball ".repeat(80)))
                .build();
        notices(modelFolder, options, notices);
        assertThat(notices)
                .anyMatch(
                        notice -> notice.contains("\"red ball red") && notice.contains("the model reads the first 75"))
                .anyMatch(notice -> notice.contains("negative prompt is not used"))
                .anyMatch(notice -> notice.contains("can only be replayed")) // 4 prompt frames of 4
                .hasSize(3);
    }

    private void notices(Path folder, LongVideoOptions options, List<String> notices) {
        LongVideoListener listener = new LongVideoListener() {
            @Override
            public void notice(String text) {
                notices.add(text);
            }
        };
        try (VideoModel model = VideoModel.open(folder)) {
            LongVideo.open(model, options, temporary.resolve("noticed"), listener, new CancellationSignal())
                    .close();
        }
    }

    @Test
    void finishedClipsStayWhenALaterOneIsNotFinite() {
        Path work = temporary.resolve("work");
        LongVideoOptions options =
                options(3).prompts(PromptSchedule.of("a red ball").with("1: z")).build();
        try (VideoModel model = VideoModel.open(modelFolder);
                LongVideo video =
                        LongVideo.open(model, options, work, LongVideoListener.NONE, new CancellationSignal())) {
            spoil(model, "z");
            assertThat(video.next().index()).isZero();
            assertThatThrownBy(video::next)
                    .isInstanceOfSatisfying(
                            ZoetropeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NATIVE))
                    .hasMessageStartingWith("clip 1: ")
                    .hasMessageContaining("step 1 of 3 (timestep ");
            assertThat(names(work)).containsExactly("clip-000000.png", "clip-000000.safetensors", "job.json");
        }
    }

    /** Makes whatever mentions a letter not a number. */
    private static void spoil(VideoModel model, String letter) {
        long id = model.tokenizer().encode(letter).unpadded()[1];
        Parameter table = Objects.requireNonNull(
                model.textEncoder().parameters().get("text_model.embeddings.token_embedding.weight"));
        try (Scope scope = Scope.noGrad()) {
            table.value().select(0, id).fill_(new Scalar(Double.NaN));
        }
    }

    @Test
    void joinsChangeTheLength() {
        List<String> all = lengths(Join.CONCAT);
        assertThat(all).hasSize(3 * FRAMES);
        List<String> dropped = lengths(Join.drop(1));
        assertThat(dropped).hasSize(3 * FRAMES - 2);
        List<String> expected = new ArrayList<>(all);
        expected.remove(2 * FRAMES);
        expected.remove(FRAMES);
        assertThat(dropped).isEqualTo(expected);
        List<String> faded = lengths(Join.crossfade(2));
        assertThat(faded).hasSize(3 * FRAMES - 4);
        assertThat(faded.subList(0, 2)).isEqualTo(all.subList(0, 2));
        assertThat(faded.get(2)).isNotIn(all);
    }

    private List<String> lengths(Join join) {
        Path target = temporary.resolve(join.kind() + ".png");
        make(options(3).join(join).build(), target);
        return pictures(frames(target));
    }

    @Test
    void secondsAreMadeOfAsManyClipsAsNeeded() {
        Path target = temporary.resolve("out.png");
        make(options(1).seconds(1.3).join(Join.drop(1)).build(), target); // 8 frames a second
        assertThat(frames(target)).hasSize(10);
    }

    @Test
    void promptsChangeFromTheirClipOn() {
        Path plain = temporary.resolve("plain.png");
        Path changed = temporary.resolve("changed.png");
        make(options(2).build(), plain);
        make(
                options(2)
                        .prompts(PromptSchedule.of("a red ball").with("1: a blue ball"))
                        .build(),
                changed);
        List<String> a = pictures(frames(plain));
        List<String> b = pictures(frames(changed));
        assertThat(b.subList(0, FRAMES)).isEqualTo(a.subList(0, FRAMES));
        assertThat(b.get(2 * FRAMES - 1)).isNotEqualTo(a.get(2 * FRAMES - 1));
    }

    @Test
    void anExistingFileComesFirstAndIsContinued() {
        Path file = temporary.resolve("own.png");
        writeRamp(file, 7);
        Path target = temporary.resolve("longer.png");
        make(options(2).extend(file).build(), target);
        List<Frame> frames = frames(target);
        assertThat(frames).hasSize(7 + 2 * FRAMES);
        assertThat(pictures(frames).subList(0, 7)).isEqualTo(pictures(frames(file)));
        Path faded = temporary.resolve("faded.png");
        make(options(2).extend(file).join(Join.crossfade(2)).seconds(0.5).build(), faded);
        assertThat(frames(faded)).hasSize(7 + 4);
    }

    @Test
    void aFileShorterThanAClipCannotBeContinued() {
        Path file = temporary.resolve("short.png");
        writeRamp(file, 3);
        assertThatThrownBy(() -> make(options(1).extend(file).build(), temporary.resolve("out.png")))
                .hasMessageContaining("short.png has 3 frames")
                .hasMessageContaining("at most 3");
        assertThatThrownBy(
                        () -> options(1).extend(temporary.resolve("none.mp4")).build())
                .hasMessageContaining("no such file");
    }

    private static void writeRamp(Path file, int count) {
        try (VideoWriter writer = VideoWriter.open(file, VideoOptions.of(8))) {
            for (int f = 0; f < count; f++) {
                byte[] rgb = new byte[3 * 32 * 32];
                for (int i = 0; i < rgb.length; i++) {
                    rgb[i] = (byte) (i / 16 + 8 * f);
                }
                writer.write(new Frame(32, 32, rgb, 0));
            }
            writer.finish();
        }
    }

    @Test
    void clipsOfAnotherVideoAreNotTouched() {
        Path work = temporary.resolve("work");
        try (VideoModel model = VideoModel.open(modelFolder)) {
            LongVideo.open(model, options(2).build(), work, LongVideoListener.NONE, new CancellationSignal())
                    .close();
            LongVideoOptions other =
                    options(2).reuse(ReuseOptions.of(2, 4, 0.7)).build();
            assertThatThrownBy(
                            () -> LongVideo.open(model, other, work, LongVideoListener.NONE, new CancellationSignal()))
                    .hasMessageContaining("another video");
        }
    }

    @Test
    void badOptionsAreRefusedBeforeWeightsAreRead() {
        try (VideoModel model = VideoModel.open(modelFolder)) {
            assertThatThrownBy(() -> LongVideo.check(
                            model, options(2).reuse(ReuseOptions.of(5, 1, 0)).build()))
                    .hasMessageContaining("prompt frames: 5, expected at most 4");
            assertThatThrownBy(() ->
                            LongVideo.check(model, options(2).join(Join.drop(3)).build()))
                    .hasMessageContaining("at most 2");
            TextToVideoOptions many =
                    TextToVideoOptions.of("a").frames(FRAMES).steps(1001).build();
            assertThatThrownBy(() ->
                            LongVideo.check(model, LongVideoOptions.of(many).build()))
                    .hasMessageContaining("steps: 1001, expected 1 to 1000");
            TextToVideoOptions odd =
                    TextToVideoOptions.of("a").frames(FRAMES).size(32, 36).build();
            assertThatThrownBy(() ->
                            LongVideo.check(model, LongVideoOptions.of(odd).build()))
                    .hasMessageContaining("36")
                    .hasMessageContaining("40");
            TextToVideoOptions multistep = TextToVideoOptions.of("a red ball")
                    .frames(FRAMES)
                    .scheduler("unipc")
                    .build();
            assertThatThrownBy(() -> LongVideo.check(
                            model,
                            LongVideoOptions.of(multistep)
                                    .reuse(ReuseOptions.of(2, 1, 0.4))
                                    .build()))
                    .hasMessageContaining("single-step sampler");
        }
        assertThatThrownBy(() -> options(0).build()).hasMessageContaining("clips: 0");
        assertThatThrownBy(() -> options(1).seconds(-1).build()).hasMessageContaining("seconds: -1.0");
        assertThatThrownBy(() -> LongVideoOptions.of(
                                TextToVideoOptions.of("a", "b").build())
                        .build())
                .hasMessageContaining("2 prompts");
        assertThatThrownBy(() -> Join.parse("fade")).hasMessageContaining("drop:K");
        assertThat(Join.parse("crossfade:3")).isEqualTo(Join.crossfade(3));
        assertThatThrownBy(() -> PromptSchedule.of("a").with("late: b")).hasMessageContaining("is no clip");
    }
}
