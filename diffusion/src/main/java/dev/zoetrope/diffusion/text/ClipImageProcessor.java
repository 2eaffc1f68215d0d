package dev.zoetrope.diffusion.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.diffusion.config.ConfigRecords;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.Resize;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;

/**
 * What CLIP does to a picture first: bicubic resize with a low-pass filter, centre crop, mean and standard deviation per
 * channel (sheet of the measures, section 6).
 *
 * @param resizeWidth pixels; 0 if the shorter side becomes {@code resizeHeight} and the proportions stay
 * @param resizeHeight pixels
 * @param crop side of the picture that the model sees, pixels
 * @param mean of red, green and blue in [0, 1]
 * @param std of red, green and blue
 */
public record ClipImageProcessor(int resizeWidth, int resizeHeight, int crop, List<Double> mean, List<Double> std) {
    private static final List<Double> MEAN = List.of(0.48145466, 0.4578275, 0.40821073);
    private static final List<Double> STD = List.of(0.26862954, 0.26130258, 0.27577711);
    private static final int CHANNELS = 3;
    private static final int BICUBIC = 3; // Pillow's number
    private static final int LARGEST = 4096;

    public ClipImageProcessor {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
    }

    /**
     * Reads {@code preprocessor_config.json}; without that file, and for fields it lacks, CLIP's own values.
     *
     * @param folder of a CLIP model
     * @throws ZoetropeException BAD_INPUT naming the field that is not usable or does not fit the model
     */
    public static ClipImageProcessor read(Path folder, ClipVisionConfig model) {
        Path file = folder.resolve("preprocessor_config.json");
        ObjectNode json = Files.exists(file) ? ConfigRecords.readObject(file) : JsonNodeFactory.instance.objectNode();
        for (String step : List.of("do_resize", "do_center_crop", "do_rescale", "do_normalize")) {
            check(json.path(step).asBoolean(true), file, step, json, "true");
        }
        check(json.path("resample").asInt(BICUBIC) == BICUBIC, file, "resample", json, "3, bicubic");
        double rescale = json.path("rescale_factor").asDouble(1 / 255.0);
        check(Math.abs(rescale * 255 - 1) < 1e-4, file, "rescale_factor", json, "1/255");

        JsonNode size = json.path("size");
        int side = model.imageSize();
        boolean both = size.has("height") && size.has("width");
        int height = both ? size.path("height").asInt() : side(size, "shortest_edge", side);
        int width = both ? size.path("width").asInt() : 0;
        String range = "%d to %d pixels, the model sees %d".formatted(side, LARGEST, side);
        check(within(height, side) && (!both || within(width, side)), file, "size", json, range);
        JsonNode crop = json.path("crop_size");
        boolean fits = side(crop, "height", side) == side && side(crop, "width", side) == side;
        check(fits, file, "crop_size", json, side + ", the model's image_size");

        List<Double> mean = numbers(json, "image_mean", MEAN, file);
        List<Double> std = numbers(json, "image_std", STD, file);
        check(std.stream().allMatch(value -> value > 0), file, "image_std", json, "three numbers above 0");
        return new ClipImageProcessor(width, height, side, mean, std);
    }

    private static boolean within(int size, int least) {
        return size >= least && size <= LARGEST;
    }

    /** A number alone, or in an object under {@code name}. */
    private static int side(JsonNode node, String name, int otherwise) {
        return node.isNumber() ? node.asInt() : node.path(name).asInt(otherwise);
    }

    private static List<Double> numbers(ObjectNode json, String name, List<Double> otherwise, Path file) {
        if (json.path(name).isMissingNode()) {
            return otherwise;
        }
        List<Double> numbers = new ArrayList<>();
        json.path(name).forEach(node -> numbers.add(node.asDouble(Double.NaN)));
        boolean usable = numbers.size() == CHANNELS && numbers.stream().allMatch(Double::isFinite);
        check(usable, file, name, json, "three numbers");
        return numbers;
    }

    private static void check(boolean usable, Path file, String field, ObjectNode json, String expected) {
        if (!usable) {
            throw ZoetropeException.badInput(
                    "%s: %s is %s, expected %s: pictures cannot be prepared as this model was trained",
                    file, field, json.path(field), expected);
        }
    }

    /** The picture as the model wants it, [1,3,S,S]. */
    public Tensor apply(Frame frame) {
        Frame picture = cut(frame);
        int plane = crop * crop;
        float[] values = new float[CHANNELS * plane];
        for (int c = 0; c < CHANNELS; c++) {
            double shift = mean.get(c);
            double scale = std.get(c);
            for (int p = 0; p < plane; p++) {
                double value = (picture.rgb()[CHANNELS * p + c] & 0xFF) / 255.0;
                values[c * plane + p] = (float) ((value - shift) / scale);
            }
        }
        return Tensors.of(values, 1, CHANNELS, crop, crop);
    }

    /** Resized and cropped; lengths and margins are rounded down, as the reference does. */
    private Frame cut(Frame frame) {
        int width = resizeWidth;
        int height = resizeHeight;
        if (resizeWidth == 0) {
            double scale = resizeHeight / (double) Math.min(frame.width(), frame.height());
            boolean upright = frame.width() <= frame.height();
            width = upright ? resizeHeight : (int) (scale * frame.width());
            height = upright ? (int) (scale * frame.height()) : resizeHeight;
        }
        boolean keep = width == frame.width() && height == frame.height();
        Frame resized = keep ? frame : Resize.bicubic(frame, width, height);
        return Resize.crop(resized, (width - crop) / 2, (height - crop) / 2, crop, crop);
    }

    /** For records. */
    public String describe() {
        String size = resizeWidth == 0 ? "shorter side " + resizeHeight : resizeWidth + "x" + resizeHeight;
        return String.format(
                Locale.ROOT, "bicubic with antialias, %s, centre crop %d, mean %s, std %s", size, crop, mean, std);
    }
}
