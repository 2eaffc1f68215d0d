package dev.zoetrope.diffusion.unet;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Spectra;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import org.bytedeco.pytorch.Tensor;

/**
 * FreeU: Si et al., "FreeU: Free Lunch in Diffusion U-Net", arXiv:2309.11497, section 3.2. In the two coarsest up blocks the
 * first half of the backbone's channels counts more, and the low frequencies of the skips less: often crisper results from
 * the same weights. The factors are constant, as in the reference library.
 *
 * @param skip1 of the skips' lowest frequencies in the coarsest up block; 1 changes nothing
 * @param skip2 in the next one
 * @param backbone1 of the backbone's first half in the coarsest up block; 1 changes nothing
 * @param backbone2 in the next one
 */
public record FreeU(double skip1, double skip2, double backbone1, double backbone2) {
    private static final int LOWEST = 1; // frequencies on both sides of zero

    /** @throws ZoetropeException BAD_INPUT if a factor is outside [0, 4] */
    public FreeU {
        for (double factor : new double[] {skip1, skip2, backbone1, backbone2}) {
            if (!(factor >= 0 && factor <= 4)) {
                throw ZoetropeException.badInput("FreeU factor %s, expected 0 to 4; 1 changes nothing", factor);
            }
        }
    }

    /**
     * What an up block reads: [x ; skip] with both weighted.
     *
     * @param block 0 is the coarsest; from 2 on nothing is weighted
     * @param x backbone [N,C,H,W]
     * @param skip [N,D,H,W]
     * @return [N,C+D,H,W]
     */
    Tensor join(int block, Tensor x, Tensor skip) {
        if (block > 1) {
            return Ops.cat(1, x, skip);
        }
        double backbone = block == 0 ? backbone1 : backbone2;
        double low = block == 0 ? skip1 : skip2;
        try (Scope scope = Scope.open()) {
            long half = x.size(1) / 2;
            Tensor first = Ops.mul(x.narrow(1, 0, half), backbone);
            Tensor second = x.narrow(1, half, x.size(1) - half);
            return scope.keep(Ops.cat(1, first, second, weightLow(skip, low)));
        }
    }

    private static Tensor weightLow(Tensor skip, double factor) {
        try (Scope scope = Scope.open()) {
            float[] mask = mask((int) skip.size(2), (int) skip.size(3), (float) factor);
            Tensor frequencies = Spectra.centred(skip, -2, -1).mul(Tensors.of(mask, skip.size(2), skip.size(3)));
            return scope.keep(Spectra.inverse(frequencies, -2, -1));
        }
    }

    /** One, but for {@code factor} where both frequencies are lowest. */
    private static float[] mask(int height, int width, float factor) {
        float[] mask = new float[height * width];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = isLowest(i / width, height) && isLowest(i % width, width) ? factor : 1;
        }
        return mask;
    }

    private static boolean isLowest(int index, int size) {
        return index >= size / 2 - LOWEST && index < size / 2 + LOWEST;
    }
}
