package dev.zoetrope.data;

import java.nio.file.Path;

/**
 * A piece of a real video.
 *
 * @param file it comes from
 * @param startFrame of the piece within the file
 * @param caption of the file, empty if it has none
 * @param frames RGB bytes, one array a frame
 */
public record FolderClip(ClipSpec spec, Path file, long startFrame, String caption, byte[][] frames)
        implements TrainingClip {}
