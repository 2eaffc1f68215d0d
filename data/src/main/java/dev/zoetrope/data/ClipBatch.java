package dev.zoetrope.data;

import java.util.List;

/**
 * The clips of one training step.
 *
 * @param step from 0
 * @param clips all of one form
 */
public record ClipBatch<C extends TrainingClip>(long step, List<C> clips) {
    public ClipBatch {
        clips = List.copyOf(clips);
    }

    /** Captions in the order of the clips. */
    public List<String> captions() {
        return clips.stream().map(TrainingClip::caption).toList();
    }

    /** Pixels as {@code [B, F, 3, H, W]}, -1 to 1. */
    public float[] pixels() {
        int each = clips.get(0).spec().floats();
        var pixels = new float[Math.multiplyExact(each, clips.size())];
        for (int i = 0; i < clips.size(); i++) {
            clips.get(i).fillChw(pixels, i * each);
        }
        return pixels;
    }
}
