package dev.zoetrope.media;

import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A short piece of video as a tensor: frames {@code [F, 3, H, W]}, float32, red green blue in [0, 1], with a frame rate.
 * Long video is a stream of clips, never one tensor. Owns its tensor until it is closed.
 */
public final class Clip implements AutoCloseable {
    private static final int CHANNELS = 3;

    private final Tensor tensor;
    private final double fps;
    private final int frameCount;
    private final int height;
    private final int width;

    private Clip(Tensor tensor, double fps) {
        VideoOptions.checkRate(fps);
        long[] shape = Tensors.shape(tensor);
        if (shape.length != 4 || shape[1] != CHANNELS || Arrays.stream(shape).anyMatch(size -> size < 1)) {
            throw ZoetropeException.badInput(
                    "a clip needs a tensor of shape [frames, 3, height, width], got %s", Arrays.toString(shape));
        }
        this.tensor = Scope.own(tensor);
        this.fps = fps;
        frameCount = Math.toIntExact(shape[0]);
        height = Math.toIntExact(shape[2]);
        width = Math.toIntExact(shape[3]);
    }

    /**
     * From frames of one size; 0 becomes 0 and 255 becomes 1.
     *
     * @param fps more than 0, at most 240
     * @throws ZoetropeException BAD_INPUT if there are no frames or their sizes differ
     */
    public static Clip of(List<Frame> frames, double fps) {
        if (frames.isEmpty()) {
            throw ZoetropeException.badInput("a clip needs at least one frame");
        }
        int height = frames.get(0).height();
        int width = frames.get(0).width();
        float[] values = new float[Math.multiplyExact(frames.size(), CHANNELS * height * width)];
        for (int f = 0; f < frames.size(); f++) {
            Frame frame = frames.get(f);
            if (frame.height() != height || frame.width() != width) {
                throw ZoetropeException.badInput(
                        "frame %d has %dx%d pixels, the first %dx%d; resize the frames to one size",
                        f, frame.width(), frame.height(), width, height);
            }
            toPlanes(frame.rgb(), values, f * CHANNELS * height * width, height * width);
        }
        try (Scope scope = Scope.open()) {
            return new Clip(Tensors.of(values, frames.size(), CHANNELS, height, width), fps);
        }
    }

    /**
     * Around a tensor {@code [F, 3, H, W]} with values in [0, 1]; the clip takes it over.
     *
     * @throws ZoetropeException BAD_INPUT for another shape or an impossible rate
     */
    public static Clip of(Tensor tensor, double fps) {
        return new Clip(tensor, fps);
    }

    private static void toPlanes(byte[] rgb, float[] values, int at, int plane) {
        for (int p = 0; p < plane; p++) {
            for (int c = 0; c < CHANNELS; c++) {
                values[at + c * plane + p] = (rgb[CHANNELS * p + c] & 0xFF) / 255f;
            }
        }
    }

    /** Frame {@code i} as bytes: values clamped to [0, 1], times 255, rounded half up; at time i / fps. */
    public Frame frame(int i) {
        if (i < 0 || i >= frameCount) {
            throw ZoetropeException.badInput("frame %d of a clip of %d frames", i, frameCount);
        }
        float[] values;
        try (Scope scope = Scope.noGrad()) {
            values = Tensors.toFloats(tensor.select(0, i));
        }
        int plane = height * width;
        byte[] rgb = new byte[CHANNELS * plane];
        for (int p = 0; p < plane; p++) {
            for (int c = 0; c < CHANNELS; c++) {
                rgb[CHANNELS * p + c] = toByte(values[c * plane + p]);
            }
        }
        return new Frame(width, height, rgb, i / fps);
    }

    private static byte toByte(float value) {
        // A value that is no number becomes 0.
        return (byte) Math.floor(Math.min(1, Math.max(0, value)) * 255 + 0.5);
    }

    /** All frames as bytes. */
    public List<Frame> frames() {
        List<Frame> frames = new ArrayList<>(frameCount);
        for (int i = 0; i < frameCount; i++) {
            frames.add(frame(i));
        }
        return frames;
    }

    /** Frames {@code [F, 3, H, W]}; belongs to the clip. */
    public Tensor tensor() {
        return tensor;
    }

    /** Frames a second. */
    public double fps() {
        return fps;
    }

    public int frameCount() {
        return frameCount;
    }

    /** Pixels. */
    public int width() {
        return width;
    }

    /** Pixels. */
    public int height() {
        return height;
    }

    @Override
    public void close() {
        tensor.close();
    }
}
