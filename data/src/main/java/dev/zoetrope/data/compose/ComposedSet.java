package dev.zoetrope.data.compose;

import dev.zoetrope.data.ClipSpec;
import dev.zoetrope.data.FolderIndex;
import dev.zoetrope.data.FolderIndex.Entry;
import dev.zoetrope.data.VideoFolder;
import dev.zoetrope.data.VideoFolderOptions;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A training set that {@link Composer} made, for training. Unlike {@link VideoFolder}, which takes what fits of any folder,
 * it refuses a set that does not fit as a whole: clips would be cropped or left out without a word, and the shares of the
 * kinds would no longer be those that were asked for.
 */
public final class ComposedSet {
    private ComposedSet() {}

    /**
     * Opens a set.
     *
     * @param spec form of the clips that the model takes; longer clips give a piece, drawn by the seed
     * @throws ZoetropeException BAD_INPUT if there is no manifest or it has no clip, or naming the first clip that has another
     *     size, too few frames or no caption
     */
    public static VideoFolder open(Path folder, ClipSpec spec, long seed) {
        if (!Files.isRegularFile(folder.resolve(Composition.MANIFEST))) {
            throw ZoetropeException.badInput(
                    "%s is no training set: %s is missing; make one with zoetrope data compose",
                    folder, Composition.MANIFEST);
        }
        List<Entry> entries = FolderIndex.read(folder);
        if (entries.isEmpty()) {
            throw ZoetropeException.badInput(
                    "%s names no clip; compose the set again", folder.resolve(Composition.MANIFEST));
        }
        entries.forEach(entry -> check(entry, spec));
        return VideoFolder.open(folder, VideoFolderOptions.of(spec).withSeed(seed));
    }

    private static void check(Entry entry, ClipSpec spec) {
        if (entry.caption().isEmpty()) {
            throw ZoetropeException.badInput("%s has no caption in %s", entry.file(), Composition.MANIFEST);
        }
        try (VideoReader reader = VideoReader.open(entry.file())) {
            int width = reader.info().width();
            int height = reader.info().height();
            if (width != spec.width() || height != spec.height()) {
                throw ZoetropeException.badInput(
                        "%s has %dx%d pixels, the model takes %dx%d; compose the set with --size %dx%d",
                        entry.file(), width, height, spec.width(), spec.height(), spec.width(), spec.height());
            }
            int frames = 0;
            while (frames < spec.frames() && reader.read().isPresent()) {
                frames++;
            }
            if (frames < spec.frames()) {
                throw ZoetropeException.badInput(
                        "%s has %d frames, training takes %d; compose the set with --frames %d or more, or train with fewer",
                        entry.file(), frames, spec.frames(), spec.frames());
            }
        }
    }
}
