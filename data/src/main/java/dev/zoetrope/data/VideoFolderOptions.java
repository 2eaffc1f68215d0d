package dev.zoetrope.data;

import dev.zoetrope.tensor.ZoetropeException;

/**
 * How clips are cut from videos.
 *
 * @param spec form of the clips; its frame rate is only noted, the stride decides
 * @param stride every how many frames of the video one is taken, 1 to 1000; default 1
 * @param randomCrop a place for each clip, instead of the centre; default false
 * @param flip mirror every second clip, which makes captions with left and right wrong; default false
 * @param seed of pieces, crops and flips; default 0
 */
public record VideoFolderOptions(ClipSpec spec, int stride, boolean randomCrop, boolean flip, long seed) {
    public VideoFolderOptions {
        if (stride < 1 || stride > 1000) {
            throw ZoetropeException.badInput("stride %d: must be 1 to 1000", stride);
        }
    }

    /** The defaults for a form of clip. */
    public static VideoFolderOptions of(ClipSpec spec) {
        return new VideoFolderOptions(spec, 1, false, false, 0);
    }

    /** The same with another stride. */
    public VideoFolderOptions withStride(int value) {
        return new VideoFolderOptions(spec, value, randomCrop, flip, seed);
    }

    /** The same with random crops or without. */
    public VideoFolderOptions withRandomCrop(boolean value) {
        return new VideoFolderOptions(spec, stride, value, flip, seed);
    }

    /** The same with flips or without. */
    public VideoFolderOptions withFlip(boolean value) {
        return new VideoFolderOptions(spec, stride, randomCrop, value, seed);
    }

    /** The same with another seed. */
    public VideoFolderOptions withSeed(long value) {
        return new VideoFolderOptions(spec, stride, randomCrop, flip, value);
    }

    /** Frames of the video that a clip spans. */
    int span() {
        return (spec.frames() - 1) * stride + 1;
    }
}
