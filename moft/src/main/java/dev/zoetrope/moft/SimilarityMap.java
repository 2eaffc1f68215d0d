package dev.zoetrope.moft;

import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * How alike the motion of every place of a clip is to the motion of one place: cosines, [F][H][W].
 *
 * @param values row-major
 */
public record SimilarityMap(float[] values, int frames, int rows, int columns) {
    /**
     * @param source features of one place, [d]
     * @param target features [F,d,H,W]
     */
    public static SimilarityMap of(Tensor source, Tensor target) {
        try (Scope scope = Scope.noGrad()) {
            Tensor vector = source.view(1, source.size(0), 1, 1).expand_as(target);
            Tensor cosine = torch.cosine_similarity(vector, target, 1, 1e-8);
            return new SimilarityMap(
                    Tensors.toFloats(cosine),
                    Math.toIntExact(target.size(0)),
                    Math.toIntExact(target.size(2)),
                    Math.toIntExact(target.size(3)));
        }
    }

    /** The greatest cosine. */
    public double max() {
        return values[argMax()];
    }

    /** The mean cosine. */
    public double mean() {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    /** The least cosine. */
    public double min() {
        double least = values[0];
        for (float value : values) {
            least = Math.min(least, value);
        }
        return least;
    }

    /** Index of the greatest cosine. */
    public int argMax() {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }
}
