package dev.zoetrope.metrics.video;

import dev.zoetrope.metrics.FrameEmbedder;
import java.nio.file.Path;
import java.util.Map;

/**
 * What the measures on embeddings need beside the videos.
 *
 * @param model pictures and texts as vectors; belongs to the caller
 * @param prompts the prompt of each video of the second folder, by its path; may be empty if no measure is
 *     {@link Measure#prompted}
 */
public record Embeddings(FrameEmbedder model, Map<Path, String> prompts) {
    public Embeddings {
        prompts = Map.copyOf(prompts);
    }
}
