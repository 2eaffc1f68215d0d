package dev.zoetrope.diffusion.model;

import dev.zoetrope.diffusion.unet.UNetConfig.Motion;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The motion modules of an original AnimateDiff file such as {@code mm_sd_v15_v2.ckpt}: sizes from the shapes, and tensors
 * under the names of a motion adapter (sheet 5.4).
 *
 * @param version recognised by its mid block and the length of its positional code
 * @param channels width of each level
 * @param layers motion modules of a down block
 * @param motion eight heads and 32 groups, as all published files have them
 */
record OriginalMotionFile(Version version, List<Integer> channels, int layers, Motion motion) {
    private static final int HEADS = 8;
    private static final int GROUPS = 32;
    private static final int FRAMES_OF_V1 = 24;
    private static final int FRAMES = 32;
    private static final String POSITIONS = "pos_encoder";

    /** The published generations. */
    enum Version {
        V1,
        V2,
        V3
    }

    static OriginalMotionFile read(Path file) {
        try (WeightSource weights = WeightFiles.open(file);
                WeightSource published = published(weights)) {
            List<Integer> channels = new ArrayList<>();
            while (published.entries().containsKey(norm(channels.size(), 0))) {
                channels.add(WeightShapes.size(published, norm(channels.size(), 0), 0));
            }
            if (channels.isEmpty()) {
                throw ZoetropeException.badInput(
                        "%s: holds no motion modules (down_blocks.0.motion_modules.0.*); give an AnimateDiff motion file or"
                                + " the folder of a motion adapter",
                        file);
            }
            int layers = 0;
            while (published.entries().containsKey(norm(0, layers))) {
                layers++;
            }
            boolean mid = published.entries().containsKey("mid_block.motion_modules.0.norm.weight");
            int frames = frames(weights).orElse(FRAMES);
            Version version = mid ? Version.V2 : frames == FRAMES_OF_V1 ? Version.V1 : Version.V3;
            Motion motion = new Motion(Collections.nCopies(channels.size(), HEADS), GROUPS, frames, mid);
            return new OriginalMotionFile(version, channels, layers, motion);
        }
    }

    private static String norm(int level, int layer) {
        return "down_blocks." + level + ".motion_modules." + layer + ".norm.weight";
    }

    /** Length of the positional code [1,frames,C]. */
    private static Optional<Integer> frames(WeightSource weights) {
        return weights.entries().keySet().stream()
                .filter(name -> name.contains(POSITIONS))
                .findFirst()
                .map(name -> WeightShapes.size(weights, name, 1));
    }

    /** A view under the names of a motion adapter, without the positional codes, which are computed. */
    static WeightSource published(WeightSource weights) {
        return weights.map(name -> name.contains(POSITIONS) ? Optional.empty() : Optional.of(published(name)));
    }

    /** The name in a motion adapter. */
    static String published(String name) {
        String own = name.startsWith("module.") ? name.substring("module.".length()) : name;
        return own.replace(".norms.0", ".norm1")
                .replace(".norms.1", ".norm2")
                .replace(".ff_norm", ".norm3")
                .replace(".attention_blocks.0", ".attn1")
                .replace(".attention_blocks.1", ".attn2")
                .replace(".temporal_transformer", "");
    }
}
