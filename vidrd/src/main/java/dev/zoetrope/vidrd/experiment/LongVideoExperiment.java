package dev.zoetrope.vidrd.experiment;

import dev.zoetrope.data.AttributeDetector;
import dev.zoetrope.data.Grammar;
import dev.zoetrope.data.HeldOutPrompts;
import dev.zoetrope.data.Labels;
import dev.zoetrope.data.Labels.Part;
import dev.zoetrope.diffusion.experiment.Outcome;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.CancellationSignal;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.vidrd.LongVideo;
import dev.zoetrope.vidrd.LongVideoListener;
import dev.zoetrope.vidrd.LongVideoOptions;
import dev.zoetrope.vidrd.ReuseOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * E8: videos of four clips by a trained model. Their borders are smoother than those of independent clips of the same
 * prompt, the control, and the last clip still shows what the prompt says. Colour, shape and background count; the motion
 * of an extension starts backwards, by the method.
 */
public final class LongVideoExperiment {
    private static final int CLIPS = 4;
    private static final double GUIDANCE = 5;
    private static final List<Part> PARTS = List.of(Part.COLOUR, Part.SHAPE, Part.BACKGROUND);

    private final VideoModel model;
    private final Path work;
    private final int steps;
    private final AttributeDetector detector = AttributeDetector.create(Grammar.tiny());

    private LongVideoExperiment(VideoModel model, Path work, int steps) {
        this.model = model;
        this.work = work;
        this.steps = steps;
    }

    /**
     * @param work empty folder for clips
     * @param prompts how many; the sheet asks for 16
     * @param steps of each clip; 20 are enough for the tiny model
     */
    public static Outcome run(VideoModel model, Path work, int prompts, int steps) {
        return new LongVideoExperiment(model, work, steps).run(prompts);
    }

    private Outcome run(int count) {
        Measures full = new Measures();
        Measures independent = new Measures();
        List<HeldOutPrompts.Prompt> prompts = HeldOutPrompts.balanced(count, 8);
        for (int i = 0; i < count; i++) {
            measure(prompts.get(i), i, "full", ReuseOptions.preset("balanced"), full);
            measure(prompts.get(i), i, "independent", ReuseOptions.of(0, 0, 0), independent);
        }
        double border = full.border / count;
        double inside = full.inside / count;
        return new Outcome(
                List.of(
                        "| " + count + " prompts, " + CLIPS + " clips | border | inside a clip | agreement of clip 1 |"
                                + " of clip " + CLIPS + " |",
                        "|---|---:|---:|---:|---:|",
                        full.row("alpha 1, beta 0.4", count),
                        independent.row("independent clips (control)", count),
                        "Border and inside: mean absolute difference of neighbouring frames, 0 to 255. Agreement: share of"
                                + " colour, shape and background as the prompt says. Wanted: border at most 0.5 of the"
                                + " control's and 2.5 of inside; agreement of the last clip at least 0.8 of the first's."),
                border <= 0.5 * independent.border / count && border <= 2.5 * inside && full.last >= 0.8 * full.first);
    }

    /** Sums over prompts. */
    private static final class Measures {
        private double border;
        private double inside;
        private double first;
        private double last;

        String row(String name, int count) {
            return String.format(
                    "| %s | %.2f | %.2f | %.3f | %.3f |",
                    name, border / count, inside / count, first / count, last / count);
        }
    }

    private void measure(HeldOutPrompts.Prompt prompt, int index, String name, ReuseOptions reuse, Measures sums) {
        TextToVideoOptions clip = TextToVideoOptions.of(prompt.caption())
                .steps(steps)
                .guidanceScale(GUIDANCE)
                .scheduler("ddim")
                .seed(index)
                .build();
        LongVideoOptions options =
                LongVideoOptions.of(clip).clips(CLIPS).reuse(reuse).build();
        Path folder = work.resolve(name + "-" + index);
        List<List<Frame>> clips = new ArrayList<>();
        try (LongVideo video =
                LongVideo.open(model, options, folder, LongVideoListener.NONE, new CancellationSignal())) {
            video.forEachRemaining(made -> clips.add(frames(made.file())));
        }
        for (int i = 0; i < CLIPS; i++) {
            List<Frame> frames = clips.get(i);
            for (int f = 1; f < frames.size(); f++) {
                sums.inside += difference(frames.get(f - 1), frames.get(f)) / (frames.size() - 1) / CLIPS;
            }
            if (i > 0) {
                List<Frame> before = clips.get(i - 1);
                sums.border += difference(before.get(before.size() - 1), frames.get(0)) / (CLIPS - 1);
            }
        }
        sums.first += agreement(prompt.labels(), clips.get(0));
        sums.last += agreement(prompt.labels(), clips.get(CLIPS - 1));
    }

    private double agreement(Labels wanted, List<Frame> frames) {
        Labels seen = detector.detect(frames).labels();
        return PARTS.stream()
                        .filter(part -> seen.get(part).equals(wanted.get(part)))
                        .count()
                / (double) PARTS.size();
    }

    private static List<Frame> frames(Path file) {
        try (VideoReader reader = VideoReader.open(file)) {
            List<Frame> frames = new ArrayList<>();
            reader.forEach(frames::add);
            return frames;
        }
    }

    private static double difference(Frame a, Frame b) {
        long sum = 0;
        for (int i = 0; i < a.rgb().length; i++) {
            sum += Math.abs((a.rgb()[i] & 0xFF) - (b.rgb()[i] & 0xFF));
        }
        return (double) sum / a.rgb().length;
    }
}
