package dev.zoetrope.moft.experiment;

import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.denoiser.DenoiserRequest;
import dev.zoetrope.diffusion.denoiser.VideoDenoiser;
import dev.zoetrope.diffusion.sampling.CancellationSignal;
import dev.zoetrope.diffusion.sampling.GuidedDenoiser;
import dev.zoetrope.diffusion.sampling.LatentSource;
import dev.zoetrope.diffusion.sampling.SampleGenerators;
import dev.zoetrope.diffusion.sampling.Sampler;
import dev.zoetrope.diffusion.scheduler.Guidance;
import dev.zoetrope.diffusion.scheduler.SamplerPlan;
import dev.zoetrope.media.Clip;
import dev.zoetrope.media.ContactSheet;
import dev.zoetrope.moft.Extent;
import dev.zoetrope.moft.FeatureReader;
import dev.zoetrope.moft.FlowMeter;
import dev.zoetrope.moft.GuidanceOptions;
import dev.zoetrope.moft.Heading;
import dev.zoetrope.moft.KeyValueSharing;
import dev.zoetrope.moft.Moft;
import dev.zoetrope.moft.MotionBackbone;
import dev.zoetrope.moft.MotionChannels;
import dev.zoetrope.moft.MotionGuidance;
import dev.zoetrope.moft.MotionObjective;
import dev.zoetrope.moft.MotionProfile;
import dev.zoetrope.moft.ProfileFitter;
import dev.zoetrope.moft.ProfileInfo;
import dev.zoetrope.moft.experiment.Textures.Sample;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/** A fixture network with what the experiments do with it: clips, features, guided clips and their motion. */
final class Lab {
    static final String TAP = FixtureObjective.TAP;
    static final int STEPS = 25;
    static final int CHANNELS = 40;
    static final int MOTION_CHANNELS = 6;
    static final List<Heading> MOVING = List.of(Heading.RIGHT, Heading.LEFT, Heading.UP, Heading.DOWN);

    private static final double GUIDANCE = 1.5;
    private static final FlowMeter METER = FlowMeter.toroidal(3);

    final TinyNet net;
    final VideoDenoiser denoiser;

    Lab(TinyNet net) {
        this(net, net.unet);
    }

    Lab(TinyNet net, VideoDenoiser denoiser) {
        this.net = net;
        this.denoiser = denoiser;
    }

    MotionBackbone backbone() {
        return new MotionBackbone(denoiser, TinyNet.schedulerJson(), "fixture");
    }

    /** The same texture field moved along a path; equal seeds give equal fields. */
    static Sample scene(long seed, Textures.Path path) {
        try (SeededGenerator generator = new SeededGenerator(seed)) {
            return Textures.scene(generator, (int) (seed % 2), path);
        }
    }

    static Textures.Path pan(Heading heading) {
        return Textures.Path.straight(heading.vx(), heading.vy(), Textures.FRAMES);
    }

    /** Features of clips at several taps, each on its own grid, [n,F,C,H,W]. */
    Map<String, Tensor> features(List<Sample> samples, int k, Set<String> taps) {
        return new FeatureReader(backbone(), k, STEPS, new CancellationSignal())
                .readTaps(Textures.latents(samples), net.words.none(samples.size()), taps);
    }

    /** Features of clips at the tap of MOFT. */
    Tensor features(List<Sample> samples, int k) {
        return features(samples, k, Set.of(TAP)).values().iterator().next();
    }

    /** Features of clips with noise added, [n,F,C,H,W]. */
    Tensor noisedFeatures(List<Sample> samples, int timestep, String tap) {
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(11)) {
            Tensor clean = Textures.latents(samples);
            Tensor noise = generator.normal(Tensors.shape(clean));
            int[] timesteps = new int[samples.size()];
            Arrays.fill(timesteps, timestep);
            Tensor output = denoiser.forward(
                            timestep == 0 ? clean : Fixtures.schedule().addNoise(clean, noise, timesteps),
                            Tensors.full(timestep, samples.size()),
                            net.words.none(samples.size()),
                            DenoiserRequest.tapping(tap))
                    .tap(tap);
            return scope.keep(Moft.unfold(output, samples.size()).contiguous());
        }
    }

    static Tensor one(Tensor features, long index) {
        return Ops.slice(features, 0, index, index + 1);
    }

    /** A profile of six scenes in four directions, one pixel a frame. */
    MotionProfile profile(int k, int channels) {
        try (Scope scope = Scope.noGrad();
                ProfileFitter fitter = fitter(k, channels, 0, 6)) {
            return fitter.fit();
        }
    }

    ProfileFitter fitter(int k, int channels, int firstScene, int endScene) {
        ProfileInfo info = new ProfileInfo(
                "fixture", TAP, CHANNELS, k, STEPS, Textures.FRAMES, backbone().betas(), "16x16", Extent.CENTRE);
        ProfileFitter fitter = new ProfileFitter(info, channels);
        for (Heading heading : MOVING) {
            try (Scope scope = Scope.noGrad()) {
                List<Sample> clips = new ArrayList<>();
                for (int scene = firstScene; scene < endScene; scene++) {
                    clips.add(scene(100 + scene, pan(heading)));
                }
                Tensor all = features(clips, k);
                for (int i = 0; i < clips.size(); i++) {
                    fitter.add(heading, one(all, i));
                }
            }
        }
        return fitter;
    }

    /** The guidance of the experiments: window 3 to 11, two repeats, no shared keys and values. */
    static GuidanceOptions.Builder options(double strength) {
        return GuidanceOptions.builder()
                .tap(TAP)
                .stepSize(GuidanceOptions.StepSize.NORMALISED, strength)
                .sharing(KeyValueSharing.OFF)
                .keepSource(false);
    }

    /**
     * Guided clips of consecutive seeds.
     *
     * @param updates of the run
     */
    record Guided(float[] latents, int count, List<MotionGuidance.Update> updates) {
        /** [n,4,F,8,8]. */
        Tensor tensor() {
            return Tensors.of(latents, count, 4, Textures.FRAMES, Textures.SIZE / 2, Textures.SIZE / 2);
        }

        /** [n,F,16,16]. */
        Tensor video() {
            return Textures.decode(tensor());
        }
    }

    /** Clips without guidance. */
    Guided source(long seed, int count) {
        return generate(seed, count, Optional.empty(), options(0).build(), Optional.empty());
    }

    Guided generate(long seed, int count, MotionObjective objective, GuidanceOptions options) {
        return generate(seed, count, Optional.of(objective), options, Optional.empty());
    }

    /** @param otherReference seed of the noise of the reference branch, for a control */
    Guided generate(
            long seed,
            int count,
            Optional<MotionObjective> objective,
            GuidanceOptions options,
            Optional<Long> otherReference) {
        long[] shape = {count, 4, Textures.FRAMES, Textures.SIZE / 2, Textures.SIZE / 2};
        try (Scope scope = Scope.noGrad();
                SampleGenerators generators = SampleGenerators.of(seed, count);
                SamplerPlan plan = backbone().sampler().plan(STEPS);
                SamplerPlan reference = backbone().sampler().plan(STEPS)) {
            LatentSource source = LatentSource.noise();
            Sampler sampler = new Sampler(guided(seed, count));
            if (objective.isEmpty()) {
                Tensor latents = sampler.run(plan, source, generators.noise(), List.of(), shape);
                return new Guided(Tensors.toFloats(latents), count, List.of());
            }
            try (MotionGuidance guidance = new MotionGuidance(objective.get(), options, reference, notice -> {})) {
                if (otherReference.isPresent()) {
                    try (SampleGenerators other = SampleGenerators.of(otherReference.get(), count)) {
                        guidance.startReference(other.noise().next(shape));
                    }
                }
                Tensor latents = sampler.run(plan, source, generators.noise(), List.of(guidance), shape);
                return new Guided(Tensors.toFloats(latents), count, guidance.updates());
            }
        }
    }

    private GuidedDenoiser guided(long seed, int count) {
        long[] words = new long[2 * count];
        for (int i = 0; i < count; i++) {
            words[2 * i] = (seed + i) % 2;
            words[2 * i + 1] = Textures.NO_OBJECT;
        }
        Conditioning prompts = net.words.forward(words);
        return new GuidedDenoiser(denoiser, prompts, Optional.of(net.words.none(count)), Guidance.of(GUIDANCE), false);
    }

    /** The whole picture. */
    static Tensor everywhere() {
        return Tensors.full(1, Textures.SIZE, Textures.SIZE);
    }

    /** The left or right half. */
    static Tensor half(boolean left) {
        float[] values = new float[Textures.SIZE * Textures.SIZE];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % Textures.SIZE < Textures.SIZE / 2 == left ? 1 : 0;
        }
        return Tensors.of(values, Textures.SIZE, Textures.SIZE);
    }

    /** Mean velocity (right, down) of each clip inside a weight [16,16], pixels a frame. */
    static double[][] flows(Guided clips, Tensor weight) {
        try (Scope scope = Scope.noGrad()) {
            Tensor video = clips.video();
            double[][] flows = new double[clips.count()][];
            for (int i = 0; i < flows.length; i++) {
                flows[i] = METER.mean(video.select(0, i), weight);
            }
            return flows;
        }
    }

    /** Velocity to the right between each pair of frames, the mean over the clips. */
    static double[] profileX(Guided clips) {
        try (Scope scope = Scope.noGrad()) {
            Tensor video = clips.video();
            double[] mean = new double[Textures.FRAMES - 1];
            for (int i = 0; i < clips.count(); i++) {
                double[][] flow = METER.flow(video.select(0, i), everywhere());
                for (int f = 0; f < mean.length; f++) {
                    mean[f] += flow[f][0] / clips.count();
                }
            }
            return mean;
        }
    }

    static double mean(double[][] flows, int component) {
        double sum = 0;
        for (double[] flow : flows) {
            sum += flow[component];
        }
        return sum / flows.length;
    }

    /** Root mean square of the difference of two sets of clips, weighed by [16,16]. */
    static double distance(Guided a, Guided b, Tensor weight) {
        try (Scope scope = Scope.noGrad()) {
            Tensor difference = a.video().sub(b.video());
            Tensor square = difference.mul(difference).mul(weight);
            double cells = Tensors.item(weight.sum()) * a.count() * Textures.FRAMES;
            return Math.sqrt(Tensors.item(square.sum()) / cells);
        }
    }

    static double deviation(Guided clips) {
        try (Scope scope = Scope.noGrad()) {
            return Tensors.item(clips.tensor().std());
        }
    }

    /** Rows of a contact sheet: the first clip of each set. */
    static ContactSheet.Row row(String label, Guided clips) {
        try (Scope scope = Scope.noGrad()) {
            Tensor grey = Ops.add(Ops.mul(Textures.decode(clips.tensor()).select(0, 0), 1 / 3.0), 0.5);
            Tensor rgb =
                    Ops.clamp(grey, 0, 1).unsqueeze(1).expand(-1, 3, -1, -1).contiguous();
            try (Clip clip = Clip.of(scope.keep(rgb), 8)) {
                return new ContactSheet.Row(label, clip.frames());
            }
        }
    }

    /** Frame 0 of the features inside the centre, as rows [n,C]. */
    static Tensor centreRows(Tensor features, boolean moft) {
        Tensor centre = Moft.centre(Math.toIntExact(features.size(3)), Math.toIntExact(features.size(4)));
        return MotionChannels.rows(moft ? Moft.removeContent(features) : features, 0, centre);
    }
}
