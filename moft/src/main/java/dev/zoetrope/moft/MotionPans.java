package dev.zoetrope.moft;

import dev.zoetrope.diffusion.sampling.CancellationSignal;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.Images;
import dev.zoetrope.media.Resize;
import dev.zoetrope.media.VideoOptions;
import dev.zoetrope.media.VideoWriter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Makes pan clips from stills: a crop window moves over each, so that the motion of the content is known exactly. */
public final class MotionPans {
    private MotionPans() {}

    /**
     * @param stills pictures larger than the clips
     * @param output folder; clips are written without loss to {@code NAME/STILL/} as PNG pictures
     * @param width of the clips, pixels, 8 to 4096; default 400
     * @param height of the clips; default 400
     * @param patterns default the seven of the release, 16 frames, 10 pixels a frame
     * @param noise whether each value gets 0 or 1 added at random, with saturation, as in the release; default true
     * @param seed of the noise; default 0
     */
    public record Options(
            List<Path> stills,
            Path output,
            int width,
            int height,
            List<PanPattern> patterns,
            boolean noise,
            long seed) {
        /** @throws ZoetropeException BAD_INPUT naming the option that cannot be */
        public Options {
            stills = List.copyOf(stills);
            patterns = List.copyOf(patterns);
            if (stills.isEmpty() || patterns.isEmpty()) {
                throw ZoetropeException.badInput("pans need at least one still and one pattern");
            }
            if (width < 8 || height < 8 || width > 4096 || height > 4096) {
                throw ZoetropeException.badInput("size of pans: %dx%d, expected 8 to 4096", width, height);
            }
        }

        /** The defaults. */
        public static Options of(List<Path> stills, Path output) {
            return new Options(stills, output, 400, 400, PanPattern.all(16, 10), true, 0);
        }
    }

    /**
     * Writes the clips.
     *
     * @return the folders of the clips
     * @throws ZoetropeException BAD_INPUT if a still is too small, saying how large it must be
     */
    public static List<Path> run(Options options, MotionProgress progress, CancellationSignal cancel) {
        List<Path> written = new ArrayList<>();
        int total = options.stills().size() * options.patterns().size();
        try (SeededGenerator generator = new SeededGenerator(options.seed())) {
            for (Path still : options.stills()) {
                Frame picture = Images.read(still);
                for (PanPattern pattern : options.patterns()) {
                    cancel.check();
                    Path target = options.output().resolve(pattern.name()).resolve(baseName(still));
                    List<Frame> frames = pan(still.toString(), picture, pattern, options.width(), options.height());
                    write(target, options.noise() ? noisy(frames, generator) : frames);
                    written.add(target);
                    progress.progress(written.size(), total, "pan clips");
                }
            }
        }
        return written;
    }

    private static String baseName(Path still) {
        String name = String.valueOf(still.getFileName());
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }

    private static void write(Path target, List<Frame> frames) {
        try (VideoWriter writer = VideoWriter.open(target, VideoOptions.of(8))) {
            frames.forEach(writer::write);
            writer.finish();
        }
    }

    /**
     * The frames of one pan, its path centred in the still.
     *
     * @throws ZoetropeException BAD_INPUT if the still is too small
     */
    static List<Frame> pan(String name, Frame still, PanPattern pattern, int width, int height) {
        int[][] path = pattern.path();
        int[] low = {0, 0};
        int[] high = {0, 0};
        for (int[] place : path) {
            for (int a = 0; a < 2; a++) {
                low[a] = Math.min(low[a], place[a]);
                high[a] = Math.max(high[a], place[a]);
            }
        }
        int needWidth = width + high[0] - low[0];
        int needHeight = height + high[1] - low[1];
        if (still.width() < needWidth || still.height() < needHeight) {
            throw ZoetropeException.badInput(
                    "%s has %dx%d pixels; %s needs %dx%d (crop and displacement)",
                    name, still.width(), still.height(), pattern.name(), needWidth, needHeight);
        }
        // The window moves against the content.
        int left = (still.width() - needWidth) / 2 + high[0];
        int top = (still.height() - needHeight) / 2 + high[1];
        List<Frame> frames = new ArrayList<>();
        for (int[] place : path) {
            frames.add(Resize.crop(still, left - place[0], top - place[1], width, height));
        }
        return frames;
    }

    private static List<Frame> noisy(List<Frame> frames, SeededGenerator generator) {
        List<Frame> noisy = new ArrayList<>();
        for (Frame frame : frames) {
            byte[] rgb = frame.rgb().clone();
            long[] noise;
            try (Scope scope = Scope.noGrad()) {
                noise = Tensors.toLongs(generator.integers(0, 2, rgb.length));
            }
            for (int i = 0; i < rgb.length; i++) {
                rgb[i] = (byte) Math.min(255, (rgb[i] & 0xFF) + noise[i]);
            }
            noisy.add(new Frame(frame.width(), frame.height(), rgb, frame.timeSeconds()));
        }
        return noisy;
    }
}
