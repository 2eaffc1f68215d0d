package dev.zoetrope.vidrd.experiment;

import dev.zoetrope.data.CaptionedClips;
import dev.zoetrope.data.ClipSpec;
import dev.zoetrope.data.Grammar;
import dev.zoetrope.data.Split;
import dev.zoetrope.diffusion.autoencoder.AutoencoderKL;
import dev.zoetrope.diffusion.experiment.Outcome;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.training.ClipTensors;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.train.ProgressListener;
import dev.zoetrope.vidrd.training.DecoderObjective;
import dev.zoetrope.vidrd.training.DecoderTuning;
import dev.zoetrope.vidrd.training.TuningOptions;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * E5: temporal layers of the decoder, trained on noisy latents, against the frozen decoder, the control: sharper on
 * held-out clips, steadier on still ones, worse when frames are shuffled (it uses time), the same for single frames.
 */
public final class DecoderExperiment {
    private static final int HELD = 24;
    private static final double NOISE = 0.3;

    private final AutoencoderKL frozen;
    private final AutoencoderKL tuned;
    private final ClipSpec spec;
    private final CaptionedClips clips;

    private DecoderExperiment(AutoencoderKL frozen, AutoencoderKL tuned, ClipSpec spec) {
        this.frozen = frozen;
        this.tuned = tuned;
        this.spec = spec;
        this.clips = CaptionedClips.create(spec, Grammar.tiny(), Split.HELD_OUT, 5);
    }

    /** Trains with these options, then measures. */
    public static Outcome run(VideoModel model, TuningOptions options) {
        try (AutoencoderKL tuned =
                DecoderTuning.train(options, DecoderObjective.Options.DEFAULTS, model, ProgressListener.silent())) {
            ClipSpec spec = ClipSpec.of(model.nativeWidth(), model.nativeHeight(), options.frames(), 8);
            return new DecoderExperiment(model.autoencoder(), tuned, spec).measure(options.steps());
        }
    }

    private Outcome measure(long steps) {
        double[] errors = new double[3]; // frozen, tuned, tuned on shuffled frames
        double[] flicker = new double[2];
        boolean single = true;
        for (int i = 0; i < HELD; i++) {
            try (Scope scope = Scope.noGrad();
                    SeededGenerator generator = new SeededGenerator(i)) {
                Tensor pixels = ClipTensors.pixels(clips.clip(i));
                Tensor latents = noisy(pixels, generator);
                errors[0] += error(frozen.decode(latents, 1), pixels) / HELD;
                errors[1] += error(tuned.decode(latents, spec.frames()), pixels) / HELD;
                Tensor order = generator.permutation(spec.frames());
                Tensor shuffled = tuned.decode(latents.index_select(0, order), spec.frames());
                errors[2] += error(shuffled, pixels.index_select(0, order)) / HELD;
                Tensor still = noisy(
                        pixels.narrow(0, 0, 1).expand(Tensors.shape(pixels)).contiguous(), generator);
                flicker[0] += flicker(frozen.decode(still, 1)) / HELD;
                flicker[1] += flicker(tuned.decode(still, spec.frames())) / HELD;
                single &= Arrays.equals(
                        Tensors.toFloats(frozen.decode(latents, 1)), Tensors.toFloats(tuned.decode(latents, 1)));
            }
        }
        double[] psnr = Arrays.stream(errors).map(e -> 10 * Math.log10(4 / e)).toArray();
        return new Outcome(
                List.of(
                        "| " + steps + " steps | PSNR, dB | flicker of still clips |",
                        "|---|---:|---:|",
                        String.format("| frozen decoder (control) | %.2f | %.4f |", psnr[0], flicker[0]),
                        String.format("| temporal layers trained | %.2f | %.4f |", psnr[1], flicker[1]),
                        String.format("| the same, frames shuffled (control) | %.2f | |", psnr[2]),
                        "Single frames " + (single ? "are" : "are NOT") + " bitwise those of the frozen decoder.",
                        "Held-out clips, latents with noise of 0.3. Wanted: PSNR at least 0.2 dB above frozen, flicker at"
                                + " most 0.9 of it, at least 0.1 dB lost by shuffling, single frames equal."),
                psnr[1] >= psnr[0] + 0.2 && flicker[1] <= 0.9 * flicker[0] && psnr[1] - psnr[2] >= 0.1 && single);
    }

    private Tensor noisy(Tensor pixels, SeededGenerator generator) {
        Tensor mean = frozen.encode(pixels).mean();
        double jitter = NOISE / frozen.config().scalingFactor();
        return Ops.axpby(1, mean, jitter, generator.normal(Tensors.shape(mean)));
    }

    private static double error(Tensor a, Tensor b) {
        return Tensors.item(Ops.meanSquare(Ops.clamp(a, -1, 1), b));
    }

    /** Standard deviation over frames, the mean over pixels. */
    private static double flicker(Tensor frames) {
        Tensor centred = frames.sub(frames.mean(new long[] {0}, true, new org.bytedeco.pytorch.ScalarTypeOptional()));
        Tensor variance =
                centred.mul(centred).mean(new long[] {0}, false, new org.bytedeco.pytorch.ScalarTypeOptional());
        return Tensors.item(variance.sqrt().mean());
    }
}
