package dev.zoetrope.moft.experiment;

import dev.zoetrope.data.AttributeDetector;
import dev.zoetrope.data.Background;
import dev.zoetrope.data.Colour;
import dev.zoetrope.data.Grammar;
import dev.zoetrope.data.Labels;
import dev.zoetrope.data.Shape;
import dev.zoetrope.diffusion.experiment.Outcome;
import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.model.TextToVideoSettings;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.LatentSource;
import dev.zoetrope.diffusion.sampling.SampleGenerators;
import dev.zoetrope.diffusion.sampling.Sampler;
import dev.zoetrope.diffusion.scheduler.SamplerPlan;
import dev.zoetrope.media.ContactSheet;
import dev.zoetrope.media.Frame;
import dev.zoetrope.moft.Direction;
import dev.zoetrope.moft.GuidanceOptions;
import dev.zoetrope.moft.Heading;
import dev.zoetrope.moft.KeyValueSharing;
import dev.zoetrope.moft.MotionBackbone;
import dev.zoetrope.moft.MotionControl;
import dev.zoetrope.moft.MotionCurves;
import dev.zoetrope.moft.MotionGuidance;
import dev.zoetrope.moft.MotionLoss;
import dev.zoetrope.moft.MotionObjective;
import dev.zoetrope.moft.MotionProfile;
import dev.zoetrope.moft.MotionRegion;
import dev.zoetrope.moft.MotionTarget;
import dev.zoetrope.moft.RegionMask;
import dev.zoetrope.moft.RegionObjective;
import dev.zoetrope.tensor.AtomicFiles;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Whether the shipped text-to-video model goes where it is told: clips of the same noise steered left, right, up and down,
 * against the same targets asked of channels that carry no motion. All seeds of a direction are one batch.
 */
public final class PresetControl {
    private static final int STEPS = 25;
    /** Where things go is settled at the first steps. */
    private static final int FIRST_STEP = 0;

    private static final int END_STEP = 12;

    private static final double STRENGTH = 0.05;
    /** More than the clips of the fit show: a target that is reached halfway turns the push around. */
    private static final double SCALE = 4;

    private static final int DRAWN_SEEDS = 2;
    private static final double LEAST_FOLLOWING = 0.8;
    private static final double MOST_SCRAMBLED = 0.35;
    private static final double LEAST_COLOUR = 0.9;
    /** Pixels a frame under which a clip does not move. */
    private static final double LEAST_FLOW = 0.1;

    private final VideoModel model;
    private final int seeds;
    private final TextToVideoOptions options;
    private final TextToVideoSettings settings;
    private final MotionProfile profile;
    private final GuidanceOptions guidance;
    private final List<String> colours = new ArrayList<>();
    private final AttributeDetector detector = AttributeDetector.create(Grammar.tiny());

    /** Where a clip goes by the detector and by the flow, and the colour of its subject. */
    private record Seen(Labels labels, Heading flow) {
        boolean follows(Heading asked) {
            return labels.motion().equals(asked.word());
        }
    }

    /** The clips of all seeds and what is seen in them. */
    private record Batch(List<List<Frame>> clips, List<Seen> seen) {
        int following(Heading asked) {
            return (int) seen.stream().filter(one -> one.follows(asked)).count();
        }

        int flowing(Heading asked) {
            return (int) seen.stream().filter(one -> one.flow() == asked).count();
        }
    }

    private PresetControl(VideoModel model, MotionProfile profile, int seeds) {
        this.model = model;
        this.seeds = seeds;
        this.options = TextToVideoOptions.of(prompts(seeds)).steps(STEPS).build();
        this.settings = new TextToVideo(model).settings(options);
        this.profile = profile;
        this.guidance = GuidanceOptions.builder()
                .tap(profile.info().tap())
                .window(FIRST_STEP, END_STEP)
                .stepSize(GuidanceOptions.StepSize.NORMALISED, STRENGTH)
                .sharing(KeyValueSharing.OFF)
                .keepSource(false)
                .build();
    }

    /**
     * Measures, and writes {@code moft-preset.md} and {@code moft-preset.png}.
     *
     * @param profile of the model
     * @param seeds number of clips for each direction, from seed 0 on
     * @param results folder such as {@code docs/results}
     * @throws ZoetropeException BAD_INPUT if the profile is of other weights
     */
    public static Outcome run(VideoModel model, MotionProfile profile, int seeds, Path results) {
        if (!profile.info().backboneSha256().equals(MotionBackbone.of(model).sha256())) {
            throw ZoetropeException.badInput(
                    "the motion profile was made with other weights than this model has; fit it again: zoetrope motion fit");
        }
        Outcome outcome = new PresetControl(model, profile, seeds).measure(results.resolve("moft-preset.png"));
        AtomicFiles.writeString(
                results.resolve("moft-preset.md"),
                String.format(
                        "# MOFT on the shipped text-to-video model%n%nMade by `zoetrope experiment moft preset`.%n%n%s%n%n%s."
                                + " Model sha256 `%s`.%n",
                        String.join(System.lineSeparator(), outcome.lines()),
                        outcome.met() ? "Met" : "**Missed**",
                        model.hash()));
        return outcome;
    }

    /** Prompts without a word of motion: all of it has to come from the guidance. */
    private List<String> prompts(int count) {
        Grammar grammar = Grammar.tiny();
        List<String> prompts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Colour colour = grammar.colours().get(i % grammar.colours().size());
            List<Background> suited =
                    grammar.backgrounds().stream().filter(b -> b.suits(colour)).toList();
            Shape shape = grammar.shapes().get(i / 4 % grammar.shapes().size());
            Background background = suited.get(i % suited.size());
            colours.add(colour.word());
            prompts.add(String.format("a %s %s over a %s background", colour.word(), shape.word(), background.word()));
        }
        return prompts;
    }

    private Outcome measure(Path sheet) {
        Relations relations = new Relations()
                .line(
                        "%d seeds in %d directions, %d steps; %d to %d guided, %d times each by %s, towards %s times the straight"
                                + " traces of the shipped profile, by the mean over the frame, without shared keys and values."
                                + " Prompts name colour, shape and background and leave motion out, so that text neither helps"
                                + " nor resists. Control: the same traces asked"
                                + " of as many channels drawn, for each clip anew, from those that are not motion channels. A clip follows if the"
                                + " closed-form detector reads the asked direction; beside it, if the flow of the whole frame"
                                + " does. Colour is kept if it is read as without guidance.",
                        seeds, Lab.MOVING.size(), STEPS, FIRST_STEP, END_STEP - 1, guidance.repeats(), STRENGTH, SCALE)
                .line("")
                .line(
                        "| asked | follow | by flow | scrambled | by flow | without guidance | colour kept | colour of the prompt |")
                .line("|---|---:|---:|---:|---:|---:|---:|---:|");
        Map<Heading, Batch> steered = new EnumMap<>(Heading.class);
        Batch source = generate(List.of());
        int following = 0;
        int scrambled = 0;
        int kept = 0;
        for (Heading heading : Lab.MOVING) {
            List<MotionTarget> targets =
                    profile.synthesise(Direction.of(heading), MotionCurves.Kind.LINEAR, settings.frames(), SCALE);
            Batch guided = generate(Collections.nCopies(seeds, targets));
            Batch control = generate(scrambled(targets, heading));
            int same = sameColour(guided, source);
            relations.line(
                    "| %s | %d | %d | %d | %d | %d | %d | %d |",
                    heading.word(),
                    guided.following(heading),
                    guided.flowing(heading),
                    control.following(heading),
                    control.flowing(heading),
                    source.following(heading),
                    same,
                    promptColour(guided));
            following += guided.following(heading);
            scrambled += control.following(heading);
            kept += same;
            steered.put(heading, guided);
        }
        draw(sheet, source, steered);
        int total = seeds * Lab.MOVING.size();
        return relations
                .line("")
                .line("![the first seeds](moft-preset.png)")
                .check(
                        following >= LEAST_FOLLOWING * total,
                        "%d of %d clips move as asked, at least 80%%",
                        following,
                        total)
                .check(
                        scrambled <= MOST_SCRAMBLED * total,
                        "with scrambled channels %d of %d, at most 35%%",
                        scrambled,
                        total)
                .check(kept >= LEAST_COLOUR * total, "%d of %d keep the colour, at least 90%%", kept, total)
                .outcome();
    }

    /** @param targets of each clip; empty for clips without guidance */
    private Batch generate(List<List<MotionTarget>> targets) {
        MotionBackbone backbone = MotionBackbone.of(model);
        long[] shape = settings.latentShape(seeds);
        try (Scope scope = Scope.noGrad();
                SampleGenerators generators = SampleGenerators.of(options.seed(), seeds);
                SamplerPlan plan = backbone.sampler().plan(STEPS);
                SamplerPlan reference = backbone.sampler().plan(STEPS)) {
            Sampler sampler = new Sampler(new TextToVideo(model).guided(options, settings));
            if (targets.isEmpty()) {
                return batch(sampler.run(plan, LatentSource.noise(), generators.noise(), List.of(), shape));
            }
            MotionObjective objective = new EachClip(targets.stream()
                    .map(mine -> new RegionObjective(
                            List.of(new MotionRegion(RegionMask.whole(), mine, 1)), MotionLoss.POOLED_MSE))
                    .toList());
            try (MotionGuidance hook = new MotionGuidance(objective, guidance, reference, notice -> {})) {
                return batch(sampler.run(plan, LatentSource.noise(), generators.noise(), List.of(hook), shape));
            }
        }
    }

    private Batch batch(Tensor latents) {
        List<List<Frame>> clips = new ArrayList<>();
        List<Seen> seen = new ArrayList<>();
        for (int i = 0; i < seeds; i++) {
            List<Frame> frames = new ArrayList<>();
            new TextToVideo(model).decode(latents, i, options, frames::add);
            clips.add(frames);
            seen.add(new Seen(detector.detect(frames).labels(), flow(frames)));
        }
        return new Batch(clips, seen);
    }

    private static Heading flow(List<Frame> frames) {
        double[] v = MotionControl.flow(frames, RegionMask.whole());
        Heading best = Heading.STILL;
        double most = LEAST_FLOW;
        for (Heading heading : Lab.MOVING) {
            double along = v[0] * heading.vx() + v[1] * heading.vy();
            if (along > most) {
                best = heading;
                most = along;
            }
        }
        return best;
    }

    /** The same traces, asked of channels that are no motion channels of either axis: other ones for each clip. */
    private List<List<MotionTarget>> scrambled(List<MotionTarget> targets, Heading heading) {
        Set<Long> motion = new HashSet<>();
        profile.axes().values().forEach(axis -> {
            for (long channel : axis.channels()) {
                motion.add(channel);
            }
        });
        List<List<MotionTarget>> each = new ArrayList<>();
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(13 + Lab.MOVING.indexOf(heading))) {
            for (int i = 0; i < seeds; i++) {
                long[] others = Arrays.stream(Tensors.toLongs(
                                generator.permutation(profile.info().channels())))
                        .filter(channel -> !motion.contains(channel))
                        .toArray();
                each.add(targets.stream()
                        .map(target -> new MotionTarget(
                                Arrays.copyOf(others, target.channels().length), target.values(), target.shape()))
                        .toList());
            }
        }
        return each;
    }

    /** Clips of one batch, each with an objective of its own. */
    private record EachClip(List<RegionObjective> objectives) implements MotionObjective {
        @Override
        public boolean isActive(int step, int steps) {
            return true;
        }

        @Override
        public Tensor loss(int step, int steps, Tensor features, Tensor latents) {
            Tensor sum = Tensors.zeros();
            for (int i = 0; i < objectives.size(); i++) {
                sum = sum.add(objectives.get(i).loss(step, steps, Ops.slice(features, 0, i, i + 1), latents));
            }
            return sum;
        }

        @Override
        public Optional<Tensor> changeable(long rows, long columns) {
            return Optional.empty();
        }
    }

    private int sameColour(Batch guided, Batch source) {
        int same = 0;
        for (int i = 0; i < seeds; i++) {
            String before = source.seen().get(i).labels().colour();
            same += guided.seen().get(i).labels().colour().equals(before) ? 1 : 0;
        }
        return same;
    }

    private int promptColour(Batch guided) {
        int right = 0;
        for (int i = 0; i < seeds; i++) {
            right += guided.seen().get(i).labels().colour().equals(colours.get(i)) ? 1 : 0;
        }
        return right;
    }

    private void draw(Path file, Batch source, Map<Heading, Batch> steered) {
        List<ContactSheet.Row> rows = new ArrayList<>();
        for (int i = 0; i < Math.min(DRAWN_SEEDS, seeds); i++) {
            int seed = i;
            rows.add(new ContactSheet.Row(
                    options.prompts().get(i) + ", no guidance", source.clips().get(i)));
            steered.forEach((heading, batch) -> rows.add(new ContactSheet.Row(
                    "steered " + heading.word(), batch.clips().get(seed))));
        }
        new ContactSheet(8, 1, true).write(file, rows, Map.of());
    }
}
