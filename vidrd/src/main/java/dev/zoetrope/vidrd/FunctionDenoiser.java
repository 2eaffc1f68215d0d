package dev.zoetrope.vidrd;

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

/** A denoiser that is a formula: oracles of the experiments and the stand-ins of the reference's fixtures. */
public final class FunctionDenoiser implements VideoDenoiser {
    /** Noise as a function of latents [B,C,F,h,w], timestep and context [B,L,D]. */
    @FunctionalInterface
    public interface Formula {
        Tensor apply(Tensor latents, double timestep, Tensor context);
    }

    private final int channels;
    private final int contextWidth;
    private final Formula formula;

    public FunctionDenoiser(int channels, int contextWidth, Formula formula) {
        this.channels = channels;
        this.contextWidth = contextWidth;
        this.formula = formula;
    }

    @Override
    public DenoiserOutput forward(Tensor latents, Tensor timestep, Conditioning conditioning, DenoiserRequest request) {
        try (Scope scope = Scope.open()) {
            double t = Tensors.toFloats(timestep)[0]; // a run gives all samples the same
            return new DenoiserOutput(scope.keep(formula.apply(latents, t, conditioning.context())), Map.of());
        }
    }

    @Override
    public int inChannels() {
        return channels;
    }

    @Override
    public int outChannels() {
        return channels;
    }

    @Override
    public int contextWidth() {
        return contextWidth;
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
