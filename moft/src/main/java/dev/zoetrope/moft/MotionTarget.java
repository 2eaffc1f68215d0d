package dev.zoetrope.moft;

import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * The motion that chosen channels are to show.
 *
 * @param channels indices into the tap, [d]
 * @param values [F,d], or [F,d,H,W] on a feature grid, row-major
 * @param shape of the values
 */
public record MotionTarget(long[] channels, float[] values, long[] shape) {
    /** @throws ZoetropeException BAD_INPUT if they do not fit together */
    public MotionTarget {
        boolean shaped = shape.length == 2 || shape.length == 4;
        if (!shaped || shape[1] != channels.length || Tensors.elements(shape) != values.length) {
            throw ZoetropeException.badInput(
                    "a motion target of %d channels cannot have %d values of shape %s; expected [F,%d] or [F,%d,H,W]",
                    channels.length, values.length, Arrays.toString(shape), channels.length, channels.length);
        }
    }

    /** From a curve [F][d]. */
    static MotionTarget of(long[] channels, double[][] curve) {
        float[] values = new float[curve.length * channels.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) curve[i / channels.length][i % channels.length];
        }
        return new MotionTarget(channels, values, new long[] {curve.length, channels.length});
    }

    /** Number F of frames. */
    public int frames() {
        return Math.toIntExact(shape[0]);
    }

    /** Whether every place has a target of its own. */
    public boolean isDense() {
        return shape.length == 4;
    }

    /** Whether it asks for no motion at all. */
    public boolean isStill() {
        for (float value : values) {
            if (Math.abs(value) > 1e-6) {
                return false;
            }
        }
        return true;
    }

    /** The same motion, stronger or weaker. */
    public MotionTarget times(double factor) {
        float[] scaled = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            scaled[i] = (float) (values[i] * factor);
        }
        return new MotionTarget(channels, scaled, shape);
    }

    /** The same on another feature grid; a pooled target is the same on all. */
    MotionTarget onGrid(long rows, long columns) {
        if (!isDense() || shape[2] == rows && shape[3] == columns) {
            return this;
        }
        try (Scope scope = Scope.noGrad()) {
            Tensor resized = Moft.resize(tensor().unsqueeze(0), rows, columns).select(0, 0);
            return new MotionTarget(channels, Tensors.toFloats(resized), Tensors.shape(resized));
        }
    }

    Tensor tensor() {
        return Tensors.of(values, shape);
    }

    Tensor indices() {
        return Tensors.of(channels, channels.length);
    }
}
