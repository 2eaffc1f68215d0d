package dev.zoetrope.vidrd.training;

import dev.zoetrope.data.ClipSource;
import dev.zoetrope.diffusion.autoencoder.AutoencoderKL;
import dev.zoetrope.diffusion.autoencoder.Posterior;
import dev.zoetrope.diffusion.training.ClipTensors;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import dev.zoetrope.train.Objective;
import dev.zoetrope.train.StepContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Fine-tuning of the temporal layers of a decoder (sheet 4.4): encoder and all other layers are frozen.
 *
 * <pre>
 *   L = mean |x - y| + 0.5 mean |dx_t - dy_t| + w L_disc        dx_t: difference of neighbouring frames
 *   w = 0.5 clamp(|grad L_rec| / (|grad L_disc| + 1e-4), 0, 1e4)   gradients at the last temporal convolution
 * </pre>
 *
 * <p>The latents are drawn from the posterior, with extra noise that the decoder learns to remove. The KL divergence is
 * constant, since the encoder is frozen, and only logged. The discriminator (hinge loss) learns in the same step: the
 * decoder's term reaches it through a gradient with respect to the pictures alone, so each learns its own loss.
 */
public final class DecoderObjective implements Objective {
    private static final double DIFFERENCE_WEIGHT = 0.5;
    private static final double DISCRIMINATOR_WEIGHT = 0.5;
    private static final long CLIPS = 1L << 20;

    private final AutoencoderKL autoencoder;
    private final ClipSource<?> clips;
    private final PatchDiscriminator discriminator;
    private final Options options;

    /**
     * How to fine-tune.
     *
     * @param latentNoise standard deviation of the noise added to scaled latents, at least 0; default 0.3
     * @param discriminatorStart step from which the discriminator counts, from 0; empty for never, the default
     */
    public record Options(double latentNoise, OptionalLong discriminatorStart) {
        /** Noise 0.3, no discriminator. */
        public static final Options DEFAULTS = new Options(0.3, OptionalLong.empty());

        /** @throws ZoetropeException BAD_INPUT for negative numbers */
        public Options {
            if (!(latentNoise >= 0) || discriminatorStart.orElse(0) < 0) {
                throw ZoetropeException.badInput(
                        "latent noise %s, discriminator start %s: expected at least 0",
                        latentNoise, discriminatorStart);
            }
        }
    }

    /**
     * @param autoencoder with temporal convolutions in its decoder
     * @param discriminator initialised
     */
    public DecoderObjective(
            AutoencoderKL autoencoder, ClipSource<?> clips, PatchDiscriminator discriminator, Options options) {
        this.autoencoder = autoencoder;
        this.clips = clips;
        this.discriminator = discriminator;
        this.options = options;
    }

    @Override
    public Map<String, Layer> modules() {
        return options.discriminatorStart().isPresent()
                ? Map.of("vae", autoencoder, "discriminator", discriminator)
                : Map.of("vae", autoencoder);
    }

    @Override
    public boolean trains(String name) {
        return name.startsWith("discriminator.") || FreezePolicy.DECODER.test(name);
    }

    @Override
    public Tensor loss(StepContext step) {
        Tensor x = clips(step); // [(B F),3,H,W]
        long frames = clips.spec().frames();
        Tensor y = autoencoder.decode(latents(x, step), frames);
        Tensor absolute = x.sub(y).abs().mean();
        Tensor steadiness =
                differences(x, frames).sub(differences(y, frames)).abs().mean();
        Tensor reconstruction = Ops.axpby(1, absolute, DIFFERENCE_WEIGHT, steadiness);
        step.log("l1", absolute);
        step.log("frame_difference_l1", steadiness);
        OptionalLong start = options.discriminatorStart();
        return start.isEmpty() || step.step() < start.getAsLong()
                ? reconstruction
                : reconstruction.add(adversarial(x, y, reconstruction, step));
    }

    private Tensor latents(Tensor x, StepContext step) {
        try (Scope scope = Scope.noGrad()) {
            Posterior posterior = autoencoder.encode(x);
            step.log("kl", posterior.kl());
            Tensor z = posterior.sample(step.generator().normal(Tensors.shape(posterior.mean())));
            double jitter = options.latentNoise() / autoencoder.config().scalingFactor();
            return scope.keep(Ops.axpby(1, z, jitter, step.generator().normal(Tensors.shape(z))));
        }
    }

    private Tensor clips(StepContext step) {
        List<Tensor> parts = new ArrayList<>();
        for (long index : Tensors.toLongs(step.generator().integers(0, CLIPS, step.batchSize()))) {
            parts.add(ClipTensors.pixels(clips.clip(index)));
        }
        return Ops.cat(0, parts);
    }

    /** Neighbouring frames of each clip, [B,F-1,3,H,W]. */
    private static Tensor differences(Tensor images, long frames) {
        Tensor clip = images.unflatten(0, images.size(0) / frames, frames);
        return clip.narrow(1, 1, frames - 1).sub(clip.narrow(1, 0, frames - 1));
    }

    /** The decoder's term, weighted, and the discriminator's own loss. */
    private Tensor adversarial(Tensor x, Tensor y, Tensor reconstruction, StepContext step) {
        Tensor shown = y.detach().requires_grad_(true);
        Tensor wanted = Ops.mul(discriminator.forward(shown).mean(), -1); // the decoder wants high scores
        Tensor pull = Ops.gradients(wanted, List.of(shown)).get(0).detach();
        // Its gradient at the decoder is that of the decoder's term, and it has none at the discriminator.
        Tensor surrogate = y.mul(pull).sum();
        double weight = weight(reconstruction, surrogate);
        Tensor real =
                torch.relu(Ops.add(Ops.mul(discriminator.forward(x), -1), 1)).mean();
        Tensor fake = torch.relu(Ops.add(discriminator.forward(y.detach()), 1)).mean();
        Tensor own = Ops.mul(real.add(fake), 0.5);
        step.log("discriminator", own);
        step.log("adversarial_weight", weight);
        return Ops.axpby(weight, surrogate, 1, own);
    }

    private double weight(Tensor reconstruction, Tensor adversarial) {
        Tensor last = lastLayer().value();
        double rec = norm(Ops.gradientKeepingGraph(reconstruction, last));
        double disc = norm(Ops.gradientKeepingGraph(adversarial, last));
        return DISCRIMINATOR_WEIGHT * Math.min(1e4, rec / (disc + 1e-4));
    }

    /** The weight of the last temporal convolution, since conv_out is frozen. */
    private Parameter lastLayer() {
        Map<String, Parameter> candidates = autoencoder.parameters();
        int level = autoencoder.config().channels().size() - 1;
        int layer = autoencoder.config().layers();
        String name = String.format("decoder.up_blocks.%d.temp_convs.%d.convs.11.weight", level, layer);
        Parameter found = candidates.get(name);
        if (found == null) {
            throw ZoetropeException.checkpoint("the decoder has no temporal layers (%s); inflate it first", name);
        }
        return found;
    }

    private static double norm(Tensor gradient) {
        return Math.sqrt(Tensors.item(gradient.mul(gradient).sum()));
    }
}
