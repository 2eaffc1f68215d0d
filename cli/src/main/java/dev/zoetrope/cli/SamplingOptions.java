package dev.zoetrope.cli;

import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.unet.FreeU;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How a clip is sampled: the options that generate, plan, evaluate and demo share. */
final class SamplingOptions {
    /** Width and height in pixels. */
    record Size(int width, int height) {
        @Override
        public String toString() {
            return width + "x" + height;
        }
    }

    /** Reads {@code 256x144}. */
    static final class SizeConverter implements ITypeConverter<Size> {
        @Override
        public Size convert(String value) {
            String[] sides = value.split("x", -1);
            try {
                if (sides.length == 2) {
                    return new Size(Integer.parseInt(sides[0]), Integer.parseInt(sides[1]));
                }
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'" + value + "' is no size; expected WIDTHxHEIGHT, such as 256x144");
            }
            throw new TypeConversionException("'" + value + "' is no size; expected WIDTHxHEIGHT, such as 256x144");
        }
    }

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "50",
            description = "Sampling steps, 1 to the model's training timesteps (1000). Default: ${DEFAULT-VALUE}.")
    private int steps = 50;

    @Option(
            names = "--guidance",
            paramLabel = "W",
            description =
                    "Guidance scale, at least 0; 1 is off, higher follows the prompt more closely. Default: what"
                            + " the model's folder says (the shipped one: 2), else 9 for the ModelScope family, 7.5 for others.")
    private Optional<Double> guidance = Optional.empty();

    @Option(
            names = "--guidance-rescale",
            paramLabel = "PHI",
            defaultValue = "0",
            description =
                    "Rescale of the guided prediction against over-exposure, 0 (off) to 1. Default: ${DEFAULT-VALUE}.")
    private double guidanceRescale;

    @Option(
            names = "--scheduler",
            paramLabel = "NAME",
            description = "ddim, ddpm, pndm, euler, euler-karras, dpm++2m, dpm++2m-karras, unipc, unipc-karras or lcm."
                    + " Default: the model's own.")
    private Optional<String> scheduler = Optional.empty();

    @Option(
            names = "--eta",
            paramLabel = "ETA",
            defaultValue = "0",
            description = "Fresh noise in each DDIM step, 0 (none) to 1. Default: ${DEFAULT-VALUE}.")
    private double eta;

    @Option(
            names = "--size",
            paramLabel = "WxH",
            converter = SizeConverter.class,
            description = "Pixels, each side a multiple of 8. Default: what the model was trained on.")
    private Optional<Size> size = Optional.empty();

    @Option(
            names = "--frames",
            paramLabel = "N",
            description = "Frames of a clip, at least 1. Default: 16, or the model's limit if that is lower.")
    private Optional<Integer> frames = Optional.empty();

    @Option(
            names = "--window",
            paramLabel = "N",
            description = "Frames the model sees at once, at least 2, for clips longer than it was trained on: windows"
                    + " that share half of their frames are averaged. Default: all frames.")
    private Optional<Integer> window = Optional.empty();

    @Option(
            names = "--fps",
            paramLabel = "RATE",
            defaultValue = "8",
            description = "Frames a second of the result, above 0 up to 240. Default: ${DEFAULT-VALUE}.")
    private double fps = 8;

    @Option(
            names = "--clip-skip",
            paramLabel = "N",
            defaultValue = "0",
            description = "Layers of the text encoder to leave out at its end, from 0. Default: ${DEFAULT-VALUE}.")
    private int clipSkip;

    @Option(
            names = "--free-init",
            paramLabel = "N",
            defaultValue = "1",
            description = "FreeInit iterations, 1 (off) to 10; each is a whole run. Default: ${DEFAULT-VALUE}.")
    private int freeInit = 1;

    @Option(
            names = "--freeu",
            paramLabel = "S1,S2,B1,B2",
            converter = FreeUChoice.class,
            description =
                    "FreeU: factors of the skips' low frequencies and of the backbone in the two coarsest up blocks,"
                            + " each 0 to 4, 1 changes nothing; such as 0.9,0.2,1.5,1.6. Default: none.")
    private Optional<FreeU> freeU = Optional.empty();

    @Option(
            names = "--low-memory",
            description =
                    "Hold one part of the model at a time and evaluate guidance in two passes: the same result with"
                            + " less memory, slower.")
    private boolean lowMemory;

    @Option(
            names = "--decode-chunk",
            paramLabel = "N",
            defaultValue = "0",
            description = "Frames decoded at once, at least 1; 0 is automatic. Default: ${DEFAULT-VALUE}.")
    private int decodeChunk;

    @Option(names = "--tiled-decode", description = "Decode overlapping tiles: large frames in little memory.")
    private boolean tiledDecode;

    int steps() {
        return steps;
    }

    /** Evaluations of a whole run. */
    long totalSteps() {
        return (long) steps * freeInit;
    }

    boolean lowMemory() {
        return lowMemory;
    }

    double fps() {
        return fps;
    }

    /** Checked, for prompts that share a negative prompt and have seeds one after the other. */
    TextToVideoOptions build(List<String> prompts, String negative, long seed) {
        return builder(prompts, negative, seed).build();
    }

    TextToVideoOptions.Builder builder(List<String> prompts, String negative, long seed) {
        TextToVideoOptions.Builder builder = TextToVideoOptions.of(prompts)
                .negativePrompt(negative)
                .seed(seed)
                .steps(steps)
                .guidanceRescale(guidanceRescale)
                .eta(eta)
                .fps(fps)
                .clipSkip(clipSkip)
                .freeInitIterations(freeInit)
                .lowMemory(lowMemory)
                .decodeChunk(decodeChunk)
                .tiledDecode(tiledDecode);
        guidance.ifPresent(builder::guidanceScale);
        scheduler.ifPresent(builder::scheduler);
        size.ifPresent(pixels -> builder.size(pixels.width(), pixels.height()));
        frames.ifPresent(builder::frames);
        window.ifPresent(builder::window);
        freeU.ifPresent(builder::freeU);
        return builder;
    }

    /** What changes the result, by name: memory options do not. */
    Map<String, String> describe() {
        Map<String, String> texts = new TreeMap<>();
        texts.put("steps", String.valueOf(steps));
        guidance.ifPresent(value -> texts.put("guidance", String.valueOf(value)));
        scheduler.ifPresent(value -> texts.put("scheduler", value));
        size.ifPresent(value -> texts.put("size", value.toString()));
        frames.ifPresent(value -> texts.put("frames", String.valueOf(value)));
        window.ifPresent(value -> texts.put("window", String.valueOf(value)));
        freeU.ifPresent(value -> texts.put("freeu", value.toString()));
        texts.put("fps", String.valueOf(fps));
        List<String> rare = new ArrayList<>();
        note(rare, "guidance_rescale", guidanceRescale, 0);
        note(rare, "eta", eta, 0);
        note(rare, "clip_skip", clipSkip, 0);
        note(rare, "free_init", freeInit, 1);
        note(rare, "tiled_decode", tiledDecode ? 1 : 0, 0);
        if (!rare.isEmpty()) {
            texts.put("options", String.join(" ", rare));
        }
        return texts;
    }

    private static void note(List<String> notes, String name, double value, double usual) {
        if (value != usual) {
            notes.add(name + "=" + value);
        }
    }
}
