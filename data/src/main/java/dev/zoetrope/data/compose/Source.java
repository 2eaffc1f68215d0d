package dev.zoetrope.data.compose;

import java.nio.file.Path;

/**
 * A thing that clips can be made of: a picture, a video, or a shot of one.
 *
 * @param id the same on every machine: kind, name within the folder, number of the shot
 * @param label name of its folder, empty if it lies in none
 * @param caption empty if the captioner is to look at the clip
 * @param start seconds; 0 for a picture
 * @param end seconds, when it stops being shown; 0 for a picture
 */
record Source(SourceKind kind, Path file, String id, String label, String caption, double start, double end) {
    double duration() {
        return end - start;
    }
}
