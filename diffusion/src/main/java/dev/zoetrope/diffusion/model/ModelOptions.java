package dev.zoetrope.diffusion.model;

import dev.zoetrope.diffusion.scheduler.PredictionType;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which files of a model to take.
 *
 * @param variant such as {@code fp16}: weight files with it in their name are preferred; default: none
 * @param motionAdapter folder of a motion adapter, or an original AnimateDiff file, which makes an image model one of
 *     video; default: the model's own, if it has one
 * @param tokenizer folder of the tokenizer; default: the model's own. A single-file checkpoint has none
 * @param loras low-rank adaptations added to the weights, in this order; default: none
 * @param prediction what the denoiser predicts, where the model's own files say it wrong or not at all
 * @param ema take the averaged weights of a single-file checkpoint; default: false
 */
public record ModelOptions(
        Optional<String> variant,
        Optional<Path> motionAdapter,
        Optional<Path> tokenizer,
        List<Lora> loras,
        Optional<PredictionType> prediction,
        boolean ema) {
    /** The model as its folder has it. */
    public static final ModelOptions DEFAULTS = new ModelOptions(Optional.empty(), Optional.empty(), Optional.empty());

    /**
     * A file of low-rank adaptations.
     *
     * @param file kohya's or the reference library's layout
     * @param strength what they are multiplied by; 1 is as trained, 0 is off, negative reverses
     */
    public record Lora(Path file, double strength) {
        /** @throws ZoetropeException BAD_INPUT if the strength is no finite number */
        public Lora {
            if (!Double.isFinite(strength)) {
                throw ZoetropeException.badInput("strength of %s is %s, expected a number such as 0.8", file, strength);
            }
        }
    }

    public ModelOptions {
        loras = List.copyOf(loras);
    }

    /** The first three, and the defaults of the others. */
    public ModelOptions(Optional<String> variant, Optional<Path> motionAdapter, Optional<Path> tokenizer) {
        this(variant, motionAdapter, tokenizer, List.of(), Optional.empty(), false);
    }

    /** The same with another variant. */
    public ModelOptions withVariant(String name) {
        return new ModelOptions(Optional.of(name), motionAdapter, tokenizer, loras, prediction, ema);
    }

    /** The same with a motion adapter. */
    public ModelOptions withMotionAdapter(Path folderOrFile) {
        return new ModelOptions(variant, Optional.of(folderOrFile), tokenizer, loras, prediction, ema);
    }

    /** The same with another tokenizer. */
    public ModelOptions withTokenizer(Path folder) {
        return new ModelOptions(variant, motionAdapter, Optional.of(folder), loras, prediction, ema);
    }

    /** The same with one more LoRA file. */
    public ModelOptions withLora(Path file, double strength) {
        List<Lora> more = new ArrayList<>(loras);
        more.add(new Lora(file, strength));
        return new ModelOptions(variant, motionAdapter, tokenizer, more, prediction, ema);
    }

    /** The same for a denoiser that predicts something else than the model's files say. */
    public ModelOptions withPrediction(PredictionType type) {
        return new ModelOptions(variant, motionAdapter, tokenizer, loras, Optional.of(type), ema);
    }

    /** The same with the averaged weights of a single-file checkpoint, or without them. */
    public ModelOptions withEma(boolean averaged) {
        return new ModelOptions(variant, motionAdapter, tokenizer, loras, prediction, averaged);
    }
}
