package dev.zoetrope.data;

import dev.zoetrope.media.Frame;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;

/** Frames and a caption, ready to be batched. */
public interface TrainingClip {
    ClipSpec spec();

    /** One array of {@code width * height * 3} bytes (RGB, row-major from the top left) a frame; not to be changed. */
    byte[][] frames();

    String caption();

    /** The frames as pictures with their times; the pixels are shared, not copied. */
    default List<Frame> pictures() {
        var pictures = new ArrayList<Frame>();
        for (int f = 0; f < frames().length; f++) {
            pictures.add(new Frame(spec().width(), spec().height(), frames()[f], f / spec().fps()));
        }
        return pictures;
    }

    /**
     * Writes the clip as {@code [F, 3, H, W]}, values -1 (byte 0) to 1 (byte 255).
     *
     * @param target receives {@link ClipSpec#floats()} values from {@code offset} on
     * @throws ZoetropeException BAD_INPUT if they do not fit
     */
    default void fillChw(float[] target, int offset) {
        if (offset < 0 || target.length - offset < spec().floats()) {
            throw ZoetropeException.badInput(
                    "a clip of %d values does not fit into %d from %d on", spec().floats(), target.length, offset);
        }
        int area = spec().width() * spec().height();
        int at = offset;
        for (byte[] rgb : frames()) {
            for (int i = 0; i < area; i++, at++) {
                target[at] = signed(rgb[3 * i]);
                target[at + area] = signed(rgb[3 * i + 1]);
                target[at + 2 * area] = signed(rgb[3 * i + 2]);
            }
            at += 2 * area;
        }
    }

    private static float signed(byte value) {
        return (value & 0xFF) / 127.5f - 1;
    }
}
