package dev.zoetrope.diffusion.training;

import dev.zoetrope.data.CaptionedClip;
import dev.zoetrope.data.CaptionedClips;
import dev.zoetrope.diffusion.autoencoder.AutoencoderKL;
import dev.zoetrope.diffusion.autoencoder.Posterior;
import dev.zoetrope.media.ContactSheet;
import dev.zoetrope.media.Frame;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.train.Objective;
import dev.zoetrope.train.StepContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Autoencoder loss: mean |x - D(z)| + mean (x - D(z))^2 + 1e-6 KL, z drawn from the posterior (sheet section 4).
 *
 * <p>A batch is of single frames: each example is a random frame of a random clip.
 */
public final class AutoencoderObjective implements Objective {
    private static final double KL_WEIGHT = 1e-6;
    private static final float INITIAL_LOG_VARIANCE = -6;
    private static final long CLIPS = 1L << 20;

    private final AutoencoderKL autoencoder;
    private final CaptionedClips clips;

    public AutoencoderObjective(AutoencoderKL autoencoder, CaptionedClips clips) {
        this.autoencoder = autoencoder;
        this.clips = clips;
    }

    /**
     * Lets a freshly initialised autoencoder start with little posterior noise. With the usual start, a variance of one,
     * the noise drowns the small means and the decoder learns for a long time to ignore the latents.
     */
    static void quietPosterior(AutoencoderKL autoencoder) {
        Parameter bias = autoencoder.parameters().get("quant_conv.bias");
        if (bias == null) {
            return;
        }
        float[] values = Tensors.toFloats(bias.value());
        Arrays.fill(values, values.length / 2, values.length, INITIAL_LOG_VARIANCE);
        try (Scope scope = Scope.noGrad()) {
            bias.set(Tensors.of(values, values.length));
        }
    }

    @Override
    public Map<String, Layer> modules() {
        return Map.of("vae", autoencoder);
    }

    @Override
    public Tensor loss(StepContext step) {
        Tensor images = images(step);
        Posterior posterior = autoencoder.encode(images);
        Tensor z = posterior.sample(step.generator().normal(Tensors.shape(posterior.mean())));
        Tensor decoded = autoencoder.decode(z, 1);
        Tensor difference = decoded.sub(images);
        Tensor absolute = difference.abs().mean();
        Tensor square = difference.mul(difference).mean();
        Tensor kl = posterior.kl();
        step.log("l1", absolute);
        step.log("psnr", 10 * Math.log10(4 / Math.max(Tensors.item(square), 1e-12)));
        step.log("kl", kl);
        return Ops.axpby(1, absolute.add(square), KL_WEIGHT, kl);
    }

    /** [batchSize,3,H,W] in [-1,1]. */
    private Tensor images(StepContext step) {
        int frameFloats = clips.spec().floats() / clips.spec().frames();
        float[] pixels = new float[step.batchSize() * frameFloats];
        long[] indices = Tensors.toLongs(step.generator().integers(0, CLIPS, step.batchSize()));
        long[] frames =
                Tensors.toLongs(step.generator().integers(0, clips.spec().frames(), step.batchSize()));
        float[] whole = new float[clips.spec().floats()];
        for (int i = 0; i < step.batchSize(); i++) {
            clips.clip(indices[i]).fillChw(whole, 0);
            System.arraycopy(whole, (int) frames[i] * frameFloats, pixels, i * frameFloats, frameFloats);
        }
        return Tensors.of(
                pixels, step.batchSize(), 3, clips.spec().height(), clips.spec().width());
    }

    /** Originals above what the autoencoder makes of them. */
    @Override
    public void sample(Path folder, long step) {
        List<Frame> originals = new ArrayList<>();
        List<Frame> decoded = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            CaptionedClip clip = clips.clip(CLIPS + i);
            try (Scope scope = Scope.noGrad()) {
                Tensor latents = autoencoder.encode(ClipTensors.pixels(clip)).mean();
                decoded.add(Pictures.frames(autoencoder.decode(latents, 1)).get(8));
                originals.add(clip.pictures().get(8));
            }
        }
        new ContactSheet(8, 2, false)
                .write(
                        folder.resolve(String.format("step-%06d.png", step)),
                        List.of(new ContactSheet.Row("original", originals), new ContactSheet.Row("decoded", decoded)),
                        Map.of());
    }
}
