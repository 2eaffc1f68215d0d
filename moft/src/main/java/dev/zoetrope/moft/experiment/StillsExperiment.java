package dev.zoetrope.moft.experiment;

import dev.zoetrope.diffusion.experiment.Outcome;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.Images;
import dev.zoetrope.media.Resize;
import dev.zoetrope.moft.Axis;
import dev.zoetrope.moft.Heading;
import dev.zoetrope.moft.Moft;
import dev.zoetrope.moft.MotionProfile;
import dev.zoetrope.moft.experiment.Textures.Sample;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/** AE-13: the direction of pans over photographs, read by a profile that was fitted on textures. */
final class StillsExperiment {
    private static final int STILLS = 3;
    private static final int SIDE = 40;
    /** Smaller pictures are no photographs but icons and test patterns. */
    private static final int SMALLEST = 256;

    /** The photographs among the examples of python3-skimage, colour first; the others are drawings, scans and tests. */
    private static final List<String> INSTALLED = List.of(
            "astronaut.png",
            "coffee.png",
            "chelsea.png",
            "rocket.jpg",
            "motorcycle_left.png",
            "camera.png",
            "brick.png",
            "grass.png",
            "gravel.png");

    private StillsExperiment() {}

    static Outcome run(MoftExperiments all, List<Path> photographs) {
        Map<String, float[]> stills = new LinkedHashMap<>();
        photographs.forEach(file -> stills.put(String.valueOf(file.getFileName()), grey(Images.read(file))));
        Relations relations = new Relations()
                .line("Windows of 16x16 over photographs of 40x40, moved 1 px a frame; k = 5.")
                .line("")
                .line("| still | moved | velocity read | of the mirrored clip |")
                .line("|---|---|---:|---:|");
        int right = 0;
        int flipped = 0;
        try (TinyNet net = all.fixtures().planted(TinyNet.Kind.MOTION_MODULES)) {
            Lab lab = new Lab(net);
            MotionProfile profile = lab.profile(5, Lab.MOTION_CHANNELS);
            for (Map.Entry<String, float[]> still : stills.entrySet()) {
                float[] grey = still.getValue();
                for (Heading heading : List.of(Heading.RIGHT, Heading.LEFT)) {
                    double velocity = read(lab, profile, crop(grey, heading.vx(), false));
                    double mirrored = read(lab, profile, crop(grey, heading.vx(), true));
                    right += velocity * heading.vx() > 0 ? 1 : 0;
                    flipped += velocity * mirrored < 0 ? 1 : 0;
                    relations.line("| %s | %s | %.2f | %.2f |", still.getKey(), heading.word(), velocity, mirrored);
                }
            }
        }
        return relations
                .check(right >= 5, "the sign is right in %d of 6, at least 5", right)
                .check(flipped >= 5, "mirroring flips the sign in %d of 6, at least 5", flipped)
                .outcome();
    }

    /**
     * The first three pictures of a folder, by name, that are large enough.
     *
     * @throws ZoetropeException BAD_INPUT if there are fewer
     */
    static List<Path> ofFolder(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> large = files.filter(
                            file -> file.toString().toLowerCase(Locale.ROOT).matches(".*\\.(png|jpe?g)"))
                    .sorted()
                    .filter(StillsExperiment::isLarge)
                    .limit(STILLS)
                    .toList();
            if (large.size() < STILLS) {
                throw ZoetropeException.badInput(
                        "%s has %d PNG or JPEG photographs of at least %d pixels a side, expected %d",
                        folder, large.size(), SMALLEST, STILLS);
            }
            return large;
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot list %s: %s", folder, e.getMessage());
        }
    }

    private static boolean isLarge(Path file) {
        Frame picture = Images.read(file);
        return Math.min(picture.width(), picture.height()) >= SMALLEST;
    }

    /**
     * The first three that are there of the photographs of python3-skimage.
     *
     * @param folder its examples
     * @throws ZoetropeException BAD_INPUT if there are fewer
     */
    static List<Path> ofInstalled(Path folder) {
        List<Path> there = INSTALLED.stream()
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .limit(STILLS)
                .toList();
        if (there.size() < STILLS) {
            throw ZoetropeException.badInput(
                    "%s has %d of the photographs %s, expected %d; give a folder of photographs by --stills",
                    folder, there.size(), String.join(", ", INSTALLED), STILLS);
        }
        return there;
    }

    /** Brightness of a still of 40x40 pixels with zero mean and the contrast of the textures. */
    private static float[] grey(Frame picture) {
        Frame small = Resize.cover(picture, SIDE, SIDE);
        float[] grey = new float[SIDE * SIDE];
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < grey.length; i++) {
            for (int c = 0; c < 3; c++) {
                grey[i] += (small.rgb()[3 * i + c] & 0xFF) / 3f;
            }
            sum += grey[i];
            squares += grey[i] * grey[i];
        }
        double mean = sum / grey.length;
        double std = Math.sqrt(Math.max(1e-6, squares / grey.length - mean * mean));
        for (int i = 0; i < grey.length; i++) {
            grey[i] = (float) ((grey[i] - mean) / std * 0.45);
        }
        return grey;
    }

    /** A window of 16x16 that moves against the content, one pixel a frame. */
    private static Sample crop(float[] grey, int vx, boolean mirrored) {
        int size = Textures.SIZE;
        float[] video = new float[Textures.FRAMES * size * size];
        for (int i = 0; i < video.length; i++) {
            int f = i / (size * size);
            int x = i % size;
            int column = (SIDE - size) / 2 + (mirrored ? size - 1 - x : x) - vx * f;
            int row = (SIDE - size) / 2 + i / size % size;
            video[i] = Math.max(-1.5f, Math.min(1.5f, grey[row * SIDE + column]));
        }
        return new Sample(video, 0, Textures.NO_OBJECT, Textures.Path.still(), Optional.empty(), Textures.Path.still());
    }

    private static double read(Lab lab, MotionProfile profile, Sample sample) {
        try (Scope scope = Scope.noGrad()) {
            Tensor trace = Moft.trace(lab.features(List.of(sample), 5), Moft.centre(8, 8))
                    .select(0, 0);
            float[] values = Tensors.toFloats(trace);
            double[][] rows = new double[Textures.FRAMES][Lab.CHANNELS];
            for (int i = 0; i < values.length; i++) {
                rows[i / Lab.CHANNELS][i % Lab.CHANNELS] = values[i];
            }
            return profile.velocity(Axis.HORIZONTAL, rows);
        }
    }
}
