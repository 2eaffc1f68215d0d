package dev.zoetrope.diffusion.model;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Which files of a model to take.
 *
 * @param variant such as {@code fp16}: weight files with it in their name are preferred; default: none
 * @param motionAdapter folder of a motion adapter, which makes an image model one of video; default: the model's own, if
 *     it has one
 * @param tokenizer folder of the tokenizer; default: the model's own
 */
public record ModelOptions(Optional<String> variant, Optional<Path> motionAdapter, Optional<Path> tokenizer) {
    /** The model as its folder has it. */
    public static final ModelOptions DEFAULTS = new ModelOptions(Optional.empty(), Optional.empty(), Optional.empty());

    /** The same with another variant. */
    public ModelOptions withVariant(String name) {
        return new ModelOptions(Optional.of(name), motionAdapter, tokenizer);
    }

    /** The same with a motion adapter. */
    public ModelOptions withMotionAdapter(Path folder) {
        return new ModelOptions(variant, Optional.of(folder), tokenizer);
    }

    /** The same with another tokenizer. */
    public ModelOptions withTokenizer(Path folder) {
        return new ModelOptions(variant, motionAdapter, Optional.of(folder));
    }
}
