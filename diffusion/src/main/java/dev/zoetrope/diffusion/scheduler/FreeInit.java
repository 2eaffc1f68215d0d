package dev.zoetrope.diffusion.scheduler;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Spectra;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import org.bytedeco.pytorch.Tensor;

/**
 * FreeInit: Wu et al., "FreeInit: Bridging Initialization Gap in Video Diffusion Models", arXiv:2312.07537, equations 3
 * to 6. A finished sample is made noisy again, keeps its low frequencies and gets fresh high ones, and is sampled anew.
 *
 * <pre>
 *   z = IFFT(LP FFT(z_T) + (1 - LP) FFT(noise)) over (F, h, w), frequencies centred
 *   d2 = ((ds/dt)(2 f/F - 1))^2 + (2 y/h - 1)^2 + (2 x/w - 1)^2
 * </pre>
 */
public final class FreeInit {
    private static final long[] AXES = {-3, -2, -1};

    /** Shape of the low-pass filter LP as a function of d2, with ds the spatial stop frequency. */
    public enum Filter {
        /** 1 / (1 + (d2/ds^2)^order). */
        BUTTERWORTH,
        /** exp(-d2 / (2 ds^2)). */
        GAUSSIAN,
        /** 1 where d2 &lt;= 2 ds, else 0. */
        IDEAL
    }

    /**
     * A low-pass filter.
     *
     * @param filter shape
     * @param order steepness of {@link Filter#BUTTERWORTH}; the others ignore it
     * @param spatialStop ds, in (0, 1]
     * @param temporalStop dt, in (0, 1]
     */
    public record LowPass(Filter filter, int order, double spatialStop, double temporalStop) {
        /** The published choice: Butterworth of order 4, both stops 0.25. */
        public static LowPass published() {
            return new LowPass(Filter.BUTTERWORTH, 4, 0.25, 0.25);
        }

        /** @throws ZoetropeException BAD_INPUT if a number is out of range */
        public LowPass {
            if (order < 1 || !(spatialStop > 0 && spatialStop <= 1) || !(temporalStop > 0 && temporalStop <= 1)) {
                throw ZoetropeException.badInput(
                        "low-pass of order %d with stops %s and %s: expected an order from 1 and stops above 0 up to 1",
                        order, spatialStop, temporalStop);
            }
        }

        private double gain(double d2) {
            double square = spatialStop * spatialStop;
            return switch (filter) {
                case BUTTERWORTH -> 1 / (1 + Math.pow(d2 / square, order));
                case GAUSSIAN -> Math.exp(-d2 / (2 * square));
                case IDEAL -> d2 <= 2 * spatialStop ? 1 : 0;
            };
        }

        /** LP with the zero frequency in the middle, [frames, height, width]. */
        Tensor mask(int frames, int height, int width) {
            float[] gains = new float[Math.toIntExact(Tensors.elements(frames, height, width))];
            int i = 0;
            for (int f = 0; f < frames; f++) {
                double t = spatialStop / temporalStop * (2.0 * f / frames - 1);
                for (int row = 0; row < height; row++) {
                    double y = 2.0 * row / height - 1;
                    for (int column = 0; column < width; column++) {
                        double x = 2.0 * column / width - 1;
                        gains[i++] = (float) gain(t * t + y * y + x * x);
                    }
                }
            }
            return Tensors.of(gains, frames, height, width);
        }
    }

    private FreeInit() {}

    /**
     * Low frequencies of one tensor with the high ones of another.
     *
     * @param noisy the sample at the noisiest timestep, [B,C,F,h,w]
     * @param noise fresh, same shape
     * @return same shape
     */
    public static Tensor mix(Tensor noisy, Tensor noise, LowPass filter) {
        try (Scope scope = Scope.open()) {
            Tensor mask = filter.mask((int) noisy.size(2), (int) noisy.size(3), (int) noisy.size(4));
            Tensor low = Spectra.centred(noisy, AXES).mul(mask);
            Tensor high = Spectra.centred(noise, AXES).mul(Ops.add(mask.neg(), 1));
            return scope.keep(Spectra.inverse(low.add(high), AXES));
        }
    }

    /**
     * The start of the next iteration.
     *
     * @param sample finished latents of the iteration before, [B,C,F,h,w]
     * @param firstNoise the noise the first iteration started from
     * @param freshNoise gives the new high frequencies
     */
    public static Tensor restart(
            Tensor sample, Tensor firstNoise, Tensor freshNoise, NoiseSchedule schedule, LowPass filter) {
        try (Scope scope = Scope.open()) {
            Tensor noisy = schedule.addNoise(sample, firstNoise, schedule.size() - 1);
            return scope.keep(mix(noisy, freshNoise, filter));
        }
    }
}
