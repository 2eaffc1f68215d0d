package dev.zoetrope.diffusion.training;

import dev.zoetrope.data.ClipSource;
import dev.zoetrope.data.TrainingClip;
import dev.zoetrope.diffusion.autoencoder.AutoencoderKL;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Clips encoded once, since the frozen autoencoder would give the same latents in every epoch: the posterior mean of
 * each clip, scaled to unit standard deviation, with its caption.
 */
public final class LatentCache implements AutoCloseable {
    private final List<Tensor> latents = new ArrayList<>(); // each [1,C,F,h,w]
    private final List<String> captions = new ArrayList<>();
    private double scalingFactor = 1;

    /** Encodes clips {@code 0..count-1}. */
    public static LatentCache encode(AutoencoderKL autoencoder, ClipSource<?> clips, int count) {
        LatentCache cache = new LatentCache();
        double sum = 0;
        double squares = 0;
        long elements = 0;
        for (int i = 0; i < count; i++) {
            TrainingClip clip = clips.clip(i);
            try (Scope scope = Scope.noGrad()) {
                Tensor mean = autoencoder.encode(ClipTensors.pixels(clip)).mean(); // [F,C,h,w]
                cache.latents.add(Scope.own(mean.transpose(0, 1).unsqueeze(0).contiguous()));
                sum += Tensors.item(mean.sum());
                squares += Tensors.item(mean.mul(mean).sum());
                elements += mean.numel();
            }
            cache.captions.add(clip.caption());
        }
        double average = sum / elements;
        cache.scalingFactor = 1 / Math.sqrt(squares / elements - average * average);
        return cache;
    }

    /** Encodes clips {@code 0..count-1} for a model whose scaling factor is given. */
    public static LatentCache encode(AutoencoderKL autoencoder, ClipSource<?> clips, int count, double scalingFactor) {
        LatentCache cache = encode(autoencoder, clips, count);
        cache.scalingFactor = scalingFactor;
        return cache;
    }

    /** One over the standard deviation of the latents: what config.json calls scaling_factor (sheet section 4). */
    public double scalingFactor() {
        return scalingFactor;
    }

    public int size() {
        return latents.size();
    }

    public String caption(long index) {
        return captions.get((int) index);
    }

    /** Gives the captions to other clips, at random: a control that must learn nothing from text. */
    void shuffleCaptions(long seed) {
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(seed)) {
            List<String> own = List.copyOf(captions);
            long[] order = Tensors.toLongs(generator.permutation(own.size()));
            for (int i = 0; i < order.length; i++) {
                captions.set(i, own.get((int) order[i]));
            }
        }
    }

    /** Captions of these clips, each the empty text with probability {@code dropout}. */
    public List<String> captions(long[] clips, double dropout, SeededGenerator generator) {
        float[] uniform = Tensors.toFloats(generator.uniform(clips.length));
        List<String> chosen = new ArrayList<>();
        for (int i = 0; i < clips.length; i++) {
            chosen.add(uniform[i] < dropout ? "" : caption(clips[i]));
        }
        return chosen;
    }

    /** Scaled latents [B,C,F,h,w] of these clips. */
    public Tensor batch(long... indices) {
        try (Scope scope = Scope.open()) {
            List<Tensor> parts = new ArrayList<>();
            for (long index : indices) {
                parts.add(latents.get((int) index));
            }
            return scope.keep(Ops.mul(Ops.cat(0, parts), scalingFactor));
        }
    }

    /** Frames of a clip. */
    public int frames() {
        return Math.toIntExact(latents.get(0).size(2));
    }

    /** Scaled latents [B,C,1,h,w] of one frame, drawn at random, of each of these clips. */
    public Tensor stills(long[] indices, SeededGenerator generator) {
        long[] frames = Tensors.toLongs(generator.integers(0, frames(), indices.length));
        try (Scope scope = Scope.open()) {
            List<Tensor> parts = new ArrayList<>();
            for (int i = 0; i < indices.length; i++) {
                parts.add(latents.get((int) indices[i]).narrow(2, frames[i], 1));
            }
            return scope.keep(Ops.mul(Ops.cat(0, parts), scalingFactor));
        }
    }

    @Override
    public void close() {
        latents.forEach(Tensor::close);
        latents.clear();
    }
}
