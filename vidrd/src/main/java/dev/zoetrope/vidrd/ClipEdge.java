package dev.zoetrope.vidrd;

import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;

/**
 * What the neighbour of a clip takes over from it, outermost frame first: the initial noise, and for each guided step the
 * latents of the frames guided in it. Nothing else of a clip is kept: B C h w (N + sum of guided steps) numbers.
 */
final class ClipEdge implements AutoCloseable {
    private static final String NOISE = "noise";
    private static final String GUIDE = "guide.";

    private final Tensor noise; // [B,C,n,h,w]
    private final List<Tensor> guides; // step k: [B,C,m_k,h,w]

    /** Takes over tensors that are owned. */
    ClipEdge(Tensor noise, List<Tensor> guides) {
        this.noise = noise;
        this.guides = List.copyOf(guides);
    }

    /** The initial noise, in the units of the run. */
    Tensor noise() {
        return noise;
    }

    /** The latents of the frames guided in step {@code k}. */
    Tensor guide(int k) {
        return guides.get(k);
    }

    /** Tensors by name, to be stored; they stay this edge's. */
    Map<String, Tensor> tensors(String prefix) {
        Map<String, Tensor> all = new TreeMap<>();
        all.put(prefix + NOISE, noise);
        for (int k = 0; k < guides.size(); k++) {
            all.put(prefix + GUIDE + k, guides.get(k));
        }
        return all;
    }

    /**
     * From what {@link #tensors} gave; the tensors are taken over.
     *
     * @param clip [B,C,N,h,w] of the clips
     * @param frames n of the noise
     * @param stages how many frames each step guides
     * @throws ZoetropeException CHECKPOINT_MISMATCH if a tensor is missing or has another shape
     */
    static ClipEdge of(Map<String, Tensor> tensors, String prefix, long[] clip, long frames, GuidanceStages stages) {
        Tensor noise = checked(tensors, prefix + NOISE, clip, frames);
        List<Tensor> guides = new ArrayList<>();
        for (int k = 0; k < stages.steps() && stages.guidedFrames(k) > 0; k++) {
            guides.add(checked(tensors, prefix + GUIDE + k, clip, stages.guidedFrames(k)));
        }
        guides.replaceAll(Scope::own);
        return new ClipEdge(Scope.own(noise), guides);
    }

    private static Tensor checked(Map<String, Tensor> tensors, String name, long[] clip, long frames) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw ZoetropeException.checkpoint("a stored clip lacks its tensor %s", name);
        }
        long[] wanted = clip.clone();
        wanted[2] = frames;
        if (!Arrays.equals(Tensors.shape(tensor), wanted)) {
            throw ZoetropeException.checkpoint(
                    "the stored tensor %s is %s, these clips need %s (samples, channels, frames, rows, columns)",
                    name, Arrays.toString(Tensors.shape(tensor)), Arrays.toString(wanted));
        }
        return tensor;
    }

    /** Collects an edge while a clip is made. */
    static final class Recording {
        private final boolean atEnd;
        private final List<Tensor> guides = new ArrayList<>();
        private final List<Tensor> noise = new ArrayList<>();

        /** @param atEnd whether the last frames are the outermost ones, or the first */
        Recording(boolean atEnd) {
            this.atEnd = atEnd;
        }

        void noise(Tensor latents, long frames) {
            noise.add(outermost(latents, frames));
        }

        /** The frames of the next guided step; steps come in order. */
        void guide(Tensor latents, long frames) {
            guides.add(outermost(latents, frames));
        }

        /** An owned copy of the outermost frames, outermost first. */
        private Tensor outermost(Tensor latents, long frames) {
            try (Scope scope = Scope.noGrad()) {
                Tensor part = atEnd
                        ? latents.narrow(2, latents.size(2) - frames, frames).flip(2)
                        : latents.narrow(2, 0, frames).clone();
                return Scope.own(part);
            }
        }

        ClipEdge finish() {
            return new ClipEdge(noise.get(0), guides);
        }

        /** Frees what was collected of a clip that was not finished. */
        void discard() {
            noise.forEach(Tensor::close);
            guides.forEach(Tensor::close);
        }
    }

    @Override
    public void close() {
        noise.close();
        guides.forEach(Tensor::close);
    }
}
