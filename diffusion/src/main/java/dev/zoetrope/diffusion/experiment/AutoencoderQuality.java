package dev.zoetrope.diffusion.experiment;

import dev.zoetrope.data.CaptionedClips;
import dev.zoetrope.data.ClipSpec;
import dev.zoetrope.data.Grammar;
import dev.zoetrope.data.Split;
import dev.zoetrope.diffusion.autoencoder.AutoencoderKL;
import dev.zoetrope.diffusion.autoencoder.Posterior;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.training.ClipTensors;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * B5: held-out PSNR of the autoencoder against area-downscaling by four with bilinear upscaling, the KL divergence, and
 * the standard deviation of scaled latents.
 */
public final class AutoencoderQuality {
    private static final int CLIPS = 32;
    private static final int DOWNSCALE = 4;
    private static final double MARGIN_DB = 3;

    private AutoencoderQuality() {}

    public static Outcome run(VideoModel model) {
        AutoencoderKL autoencoder = model.autoencoder();
        CaptionedClips clips = CaptionedClips.create(
                ClipSpec.of(model.nativeWidth(), model.nativeHeight(), 16, 8), Grammar.tiny(), Split.HELD_OUT, 5);
        double ours = 0;
        double baseline = 0;
        double kl = 0;
        double sum = 0;
        double squares = 0;
        long elements = 0;
        for (int i = 0; i < CLIPS; i++) {
            try (Scope scope = Scope.noGrad()) {
                Tensor images = ClipTensors.pixels(clips.clip(i));
                Posterior posterior = autoencoder.encode(images);
                ours += squaredError(autoencoder.decode(posterior.mean(), 1), images);
                baseline += squaredError(downAndUp(images), images);
                kl += Tensors.item(posterior.kl()) / CLIPS;
                Tensor scaled = Ops.mul(posterior.mean(), autoencoder.config().scalingFactor());
                sum += Tensors.item(scaled.sum());
                squares += Tensors.item(scaled.mul(scaled).sum());
                elements += scaled.numel();
            }
        }
        double psnr = psnr(ours / CLIPS);
        double control = psnr(baseline / CLIPS);
        double mean = sum / elements;
        double std = Math.sqrt(squares / elements - mean * mean);
        boolean met = psnr >= control + MARGIN_DB && Double.isFinite(kl) && std >= 0.9 && std <= 1.1;
        return new Outcome(
                List.of(
                        "| held-out clips | autoencoder PSNR | down and up by 4 | KL a value | std of scaled latents |",
                        "|---:|---:|---:|---:|---:|",
                        String.format("| %d | %.2f dB | %.2f dB | %.2f | %.3f |", CLIPS, psnr, control, kl, std),
                        "Wanted: 3 dB above the control, finite KL, standard deviation within 0.9 to 1.1."),
                met);
    }

    private static Tensor downAndUp(Tensor images) {
        Tensor small = torch.avg_pool2d(images, DOWNSCALE, DOWNSCALE);
        return torch.upsample_bilinear2d(
                small, new long[] {images.size(2), images.size(3)}, false, new DoubleOptional(), new DoubleOptional());
    }

    private static double squaredError(Tensor ours, Tensor images) {
        return Tensors.item(Ops.meanSquare(Ops.clamp(ours, -1, 1), images));
    }

    /** Peak 2, since pixels are in [-1,1]. */
    private static double psnr(double meanSquare) {
        return 10 * Math.log10(4 / meanSquare);
    }
}
