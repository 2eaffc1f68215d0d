package dev.zoetrope.moft.experiment;

import dev.zoetrope.moft.Heading;
import dev.zoetrope.moft.Moft;
import dev.zoetrope.moft.MotionChannels;
import dev.zoetrope.moft.SimilarityMap;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * AE-0: features with motion planted in known channels, no network. Content of clip and place, noise, and on four channels
 * an axis a ramp over the frames whose slope is the velocity.
 */
public final class PlantedFeatures {
    private static final int CHANNELS = 64;
    private static final int FRAMES = 8;
    private static final int SIDE = 16;
    private static final int SCENES = 6;
    private static final int PLANTED = 4;
    private static final List<Heading> MOVING = List.of(Heading.RIGHT, Heading.LEFT, Heading.UP, Heading.DOWN);

    private final SeededGenerator generator;
    private final long[] planted;
    private final float[] signs;

    private PlantedFeatures(SeededGenerator generator) {
        this.generator = generator;
        this.planted = Arrays.copyOf(Tensors.toLongs(generator.permutation(CHANNELS)), 2 * PLANTED);
        this.signs = Tensors.toFloats(generator.uniform(2 * PLANTED));
    }

    /**
     * What one seed gives.
     *
     * @param found planted channels among the top four of the first component, content removed
     * @param foundVanilla the same with content
     * @param shuffled Fisher's ratio with labels in random order
     * @param auc of the heat map, content removed, all channels
     * @param aucMotion content removed, motion channels only
     */
    public record Result(
            int found,
            int foundVanilla,
            double fisher,
            double fisherVanilla,
            double shuffled,
            double auc,
            double aucMotion,
            double aucVanilla) {}

    /** Plants and measures. */
    public static Result run(long seed) {
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(seed)) {
            return new PlantedFeatures(generator).measure();
        }
    }

    private Result measure() {
        Tensor whole = Tensors.full(1, 1, SIDE, SIDE);
        List<Tensor> clips = new ArrayList<>();
        int[] labels = new int[SCENES * MOVING.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = i % MOVING.size();
            Heading heading = MOVING.get(labels[i]);
            clips.add(clip(whole, heading.vx(), heading.vy()));
        }
        Tensor left = leftHalf();
        Tensor source = clip(whole, 1, 0);
        Tensor split = clip(left, 1, 0, Ops.add(left.neg(), 1), -1, 0);
        Tensor motion = Tensors.of(horizontal(clips, labels, true).top(PLANTED), PLANTED);
        boolean[] inside = new boolean[SIDE * SIDE];
        float[] leftValues = Tensors.toFloats(left);
        for (int i = 0; i < inside.length; i++) {
            inside[i] = leftValues[i] > 0.5;
        }
        int[] shuffledLabels = new int[labels.length];
        long[] order = Tensors.toLongs(generator.permutation(labels.length));
        for (int i = 0; i < order.length; i++) {
            shuffledLabels[i] = labels[Math.toIntExact(order[i])];
        }
        double[][] moft = plane(clips, true);
        return new Result(
                hits(horizontal(clips, labels, true)),
                hits(horizontal(clips, labels, false)),
                Separation.fisher(moft, labels),
                Separation.fisher(plane(clips, false), labels),
                Separation.fisher(moft, shuffledLabels),
                auc(Moft.removeContent(source), Moft.removeContent(split), inside),
                auc(
                        Moft.choose(Moft.removeContent(source), motion),
                        Moft.choose(Moft.removeContent(split), motion),
                        inside),
                auc(source, split, inside));
    }

    private static Tensor leftHalf() {
        float[] values = new float[SIDE * SIDE];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % SIDE < SIDE / 2 ? 1 : 0;
        }
        return Tensors.of(values, 1, SIDE, SIDE);
    }

    private Tensor clip(Tensor mask, double vx, double vy) {
        return content().add(moving(mask, vx, vy));
    }

    private Tensor clip(Tensor mask, double vx, double vy, Tensor other, double ux, double uy) {
        return content().add(moving(mask, vx, vy)).add(moving(other, ux, uy));
    }

    /** [1,F,C,H,W]. */
    private Tensor content() {
        Tensor channel = Ops.mul(generator.normal(1, 1, CHANNELS, 1, 1), 5);
        Tensor place = Ops.mul(generator.normal(1, 1, CHANNELS, SIDE, SIDE), 2);
        Tensor noise = Ops.mul(generator.normal(1, FRAMES, CHANNELS, SIDE, SIDE), 0.3);
        return noise.add(channel).add(place);
    }

    /** Ramps of the planted channels inside a mask [1,H,W]. */
    private Tensor moving(Tensor mask, double vx, double vy) {
        float[] ramps = new float[FRAMES * CHANNELS];
        for (int p = 0; p < planted.length; p++) {
            double v = p < PLANTED ? vx : vy;
            for (int f = 0; f < FRAMES; f++) {
                double ramp = -1 + 2.0 * f / (FRAMES - 1);
                ramps[f * CHANNELS + Math.toIntExact(planted[p])] = (float) ((signs[p] < 0.5 ? -2 : 2) * v * ramp);
            }
        }
        return Tensors.of(ramps, 1, FRAMES, CHANNELS, 1, 1).mul(mask);
    }

    private static Tensor frameZero(Tensor clip, boolean moft) {
        Tensor features = moft ? Moft.removeContent(clip) : clip;
        return MotionChannels.rows(features, 0, Moft.centre(SIDE, SIDE));
    }

    /** Components of the clips going right and left. */
    private static MotionChannels horizontal(List<Tensor> clips, int[] labels, boolean moft) {
        List<Tensor> rows = new ArrayList<>();
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 2) {
                rows.add(frameZero(clips.get(i), moft));
            }
        }
        return MotionChannels.fit(Ops.cat(0, rows), true);
    }

    private int hits(MotionChannels components) {
        int hits = 0;
        for (long channel : components.top(PLANTED)) {
            for (int p = 0; p < PLANTED; p++) {
                hits += planted[p] == channel ? 1 : 0;
            }
        }
        return hits;
    }

    /** Mean of each clip on the first two components of all. */
    private static double[][] plane(List<Tensor> clips, boolean moft) {
        List<Tensor> rows = clips.stream().map(clip -> frameZero(clip, moft)).toList();
        MotionChannels components = MotionChannels.fit(Ops.cat(0, rows), true);
        return components.project(Ops.stack(0, rows).mean(1L));
    }

    private static double auc(Tensor source, Tensor target, boolean[] inside) {
        Tensor vector = source.select(0, 0).select(0, 0).select(1, SIDE / 2).select(1, SIDE / 2);
        SimilarityMap map = SimilarityMap.of(vector, Ops.slice(target.select(0, 0), 0, 0, 1));
        return Separation.auc(map.values(), inside);
    }
}
