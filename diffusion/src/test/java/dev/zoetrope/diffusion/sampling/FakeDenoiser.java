package dev.zoetrope.diffusion.sampling;

import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.denoiser.DenoiserOutput;
import dev.zoetrope.diffusion.denoiser.DenoiserRequest;
import dev.zoetrope.diffusion.denoiser.VideoDenoiser;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Tensor;

/** A denoiser that is a function of latents, timestep and context. */
final class FakeDenoiser implements VideoDenoiser {
    @FunctionalInterface
    interface Body {
        Tensor apply(Tensor latents, double timestep, Tensor context);
    }

    private final Body body;

    FakeDenoiser(Body body) {
        this.body = body;
    }

    /** A sampler for this function without guidance, one prompt a sample. */
    static Sampler sampler(int samples, Body body) {
        return new Sampler(new GuidedDenoiser(
                new FakeDenoiser(body),
                Conditioning.of(Tensors.zeros(samples, 1, 1)),
                java.util.Optional.empty(),
                dev.zoetrope.diffusion.scheduler.Guidance.of(1),
                false));
    }

    @Override
    public DenoiserOutput forward(Tensor latents, Tensor timestep, Conditioning conditioning, DenoiserRequest request) {
        try (Scope scope = Scope.open()) {
            double t = Tensors.toFloats(timestep)[0];
            return new DenoiserOutput(scope.keep(body.apply(latents, t, conditioning.context())), Map.of());
        }
    }

    @Override
    public int inChannels() {
        return 1;
    }

    @Override
    public int outChannels() {
        return 1;
    }

    @Override
    public int contextWidth() {
        return 1;
    }

    @Override
    public OptionalInt maxFrames() {
        return OptionalInt.empty();
    }

    @Override
    public List<String> tapNames() {
        return List.of();
    }

    @Override
    public void close() {}
}
