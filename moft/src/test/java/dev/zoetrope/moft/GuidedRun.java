package dev.zoetrope.moft;

import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.denoiser.VideoDenoiser;
import dev.zoetrope.diffusion.sampling.GuidedDenoiser;
import dev.zoetrope.diffusion.sampling.LatentSource;
import dev.zoetrope.diffusion.sampling.Sampler;
import dev.zoetrope.diffusion.sampling.StepHook;
import dev.zoetrope.diffusion.scheduler.Guidance;
import dev.zoetrope.diffusion.scheduler.NoiseSource;
import dev.zoetrope.diffusion.scheduler.SamplerPlan;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.diffusion.unet.UNetConfig.Family;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** A short guided run from noise that is always the same, on any small network. */
final class GuidedRun {
    static final int SIDE = 8;
    static final int STEPS = 6;

    private static final NoiseSource NONE = shape -> {
        throw new IllegalStateException("deterministic");
    };

    private GuidedRun() {}

    /** What a guided run gives. */
    record Outcome(float[] result, float[] source, List<MotionGuidance.Update> updates, long whole, long stopped) {}

    /** A network behind its interface, with what else its forward needs. */
    record Net(VideoDenoiser denoiser, Conditioning prompt, Conditioning empty) {}

    static Net net(UNet unet, SeededGenerator generator, int frames) {
        boolean image = unet.config().family() == Family.SPATIO_TEMPORAL;
        Optional<Tensor> ids = image ? Optional.of(generator.uniform(1, 3)) : Optional.empty();
        VideoDenoiser denoiser =
                image ? new ConditionedDenoiser(unet, generator.normal(1, 4, frames, SIDE, SIDE)) : unet;
        return new Net(
                denoiser,
                new Conditioning(generator.normal(1, 3, unet.contextWidth()), ids),
                new Conditioning(generator.normal(1, 3, unet.contextWidth()), ids));
    }

    static Outcome run(
            Net net,
            MotionObjective objective,
            GuidanceOptions options,
            List<String> notices,
            int frames,
            StepHook... more) {
        return run(net, Guidance.of(3), objective, options, notices, frames, more);
    }

    static Outcome run(
            Net net,
            Guidance guidanceScale,
            MotionObjective objective,
            GuidanceOptions options,
            List<String> notices,
            int frames,
            StepHook... more) {
        CountingDenoiser counter = new CountingDenoiser(net.denoiser());
        MotionBackbone backbone = new MotionBackbone(counter, TinyNets.schedule(), "test");
        GuidedDenoiser guided =
                new GuidedDenoiser(counter, net.prompt(), Optional.of(net.empty()), guidanceScale, false);
        long[] shape = {1, 4, frames, SIDE, SIDE};
        try (Scope inner = Scope.noGrad();
                SeededGenerator noise = new SeededGenerator(9);
                SamplerPlan plan = backbone.sampler().plan(STEPS);
                SamplerPlan reference = backbone.sampler().plan(STEPS);
                MotionGuidance guidance = new MotionGuidance(objective, options, reference, notices::add)) {
            List<StepHook> hooks = new ArrayList<>(List.of(guidance));
            hooks.addAll(List.of(more));
            LatentSource source = LatentSource.given(noise.normal(shape));
            Tensor result = new Sampler(guided).run(plan, source, NONE, hooks, shape);
            float[] kept = options.keepSource() ? Tensors.toFloats(guidance.source()) : new float[0];
            return new Outcome(Tensors.toFloats(result), kept, guidance.updates(), counter.whole(), counter.stopped());
        }
    }
}
