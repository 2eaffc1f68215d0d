package dev.zoetrope.media;

import java.util.Map;

/**
 * What a video or picture file says about itself.
 *
 * @param container file format, FFmpeg's short name such as {@code mov}, {@code matroska}, {@code gif}, or {@code folder}
 * @param codec codec name such as {@code h264}
 * @param width pixels as displayed, after rotation
 * @param height pixels as displayed, after rotation
 * @param framesPerSecond average rate; a video of variable frame rate has times that do not follow it
 * @param durationSeconds length, 0 where the container does not say
 * @param pixelFormat FFmpeg's name of the coded pixel format, such as {@code yuv420p}
 * @param rotationDegrees the clockwise turn that the file asks for and that frames already have: 0, 90, 180 or 270
 * @param hasAlpha whether the coded pixels carry alpha, which frames drop
 * @param hasAudio whether there is sound beside the pictures
 * @param metadata tags of the file; those written by {@link VideoWriter} come back under their own keys
 */
public record VideoInfo(
        String container,
        String codec,
        int width,
        int height,
        double framesPerSecond,
        double durationSeconds,
        String pixelFormat,
        int rotationDegrees,
        boolean hasAlpha,
        boolean hasAudio,
        Map<String, String> metadata) {
    public VideoInfo {
        metadata = Map.copyOf(metadata);
    }
}
