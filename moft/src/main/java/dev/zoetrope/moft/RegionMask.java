package dev.zoetrope.moft;

import dev.zoetrope.media.Frame;
import dev.zoetrope.media.Images;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A part of the picture, the same in all frames or one for each. Resampled to the feature grid as in the release: bilinear
 * with half-pixel centres, inside where the result is above a half; thin strokes get lost.
 */
public final class RegionMask {
    private static final long MAX_PIXELS = 16384L * 16384L;
    private static final double ASPECT_TOLERANCE = 0.02;

    private final String name;
    private final int width;
    private final int height;
    private final List<boolean[]> frames;

    private RegionMask(String name, int width, int height, List<boolean[]> frames) {
        this.name = name;
        this.width = width;
        this.height = height;
        this.frames = List.copyOf(frames);
    }

    /** The whole picture: the motion of the camera. */
    public static RegionMask whole() {
        return new RegionMask("whole", 1, 1, List.of(new boolean[] {true}));
    }

    /**
     * A box in a picture, pixels.
     *
     * @throws ZoetropeException BAD_INPUT if it is empty or outside
     */
    public static RegionMask box(int width, int height, int left, int top, int boxWidth, int boxHeight) {
        if (left < 0
                || top < 0
                || boxWidth < 1
                || boxHeight < 1
                || left + boxWidth > width
                || top + boxHeight > height) {
            throw ZoetropeException.badInput(
                    "box %d,%d,%d,%d (left, top, width, height) is not inside the %dx%d picture",
                    left, top, boxWidth, boxHeight, width, height);
        }
        boolean[] inside = new boolean[width * height];
        for (int y = top; y < top + boxHeight; y++) {
            Arrays.fill(inside, y * width + left, y * width + left + boxWidth, true);
        }
        String name = "box " + left + "," + top + "," + boxWidth + "," + boxHeight;
        return new RegionMask(name, width, height, List.of(inside));
    }

    /** From booleans, row-major, one array for all frames or one for each. */
    public static RegionMask of(String name, int width, int height, List<boolean[]> frames) {
        return new RegionMask(name, width, height, frames);
    }

    /**
     * The union of discs around points.
     *
     * @param points (x, y) in pixels
     * @param radius pixels
     */
    public static RegionMask discs(int width, int height, double[][] points, double radius) {
        boolean[] inside = new boolean[width * height];
        for (int i = 0; i < inside.length; i++) {
            for (double[] point : points) {
                int row = i / width;
                inside[i] |= Math.hypot(i % width - point[0], row - point[1]) <= radius;
            }
        }
        return new RegionMask("discs", width, height, List.of(inside));
    }

    /**
     * Reads a PNG, or a folder of PNG files in the order of their names, one for each frame. Inside is what is neither black
     * nor transparent.
     *
     * @throws ZoetropeException BAD_INPUT if it cannot be read, IO
     */
    public static RegionMask read(Path fileOrFolder) {
        if (!Files.isDirectory(fileOrFolder)) {
            return ofImages(fileOrFolder.toString(), List.of(fileOrFolder));
        }
        try (Stream<Path> files = Files.list(fileOrFolder)) {
            List<Path> sorted = files.filter(file -> file.toString().endsWith(".png"))
                    .sorted()
                    .toList();
            if (sorted.isEmpty()) {
                throw ZoetropeException.badInput("%s has no PNG files, expected one mask a frame", fileOrFolder);
            }
            return ofImages(fileOrFolder.toString(), sorted);
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot list %s: %s", fileOrFolder, e.getMessage());
        }
    }

    private static RegionMask ofImages(String name, List<Path> files) {
        List<boolean[]> frames = new ArrayList<>();
        int width = 0;
        int height = 0;
        for (Path file : files) {
            Frame picture = Images.fromImage(decode(file)); // alpha drawn over black
            if (!frames.isEmpty() && (picture.width() != width || picture.height() != height)) {
                throw ZoetropeException.badInput(
                        "%s has %dx%d pixels, the masks before it %dx%d",
                        file, picture.width(), picture.height(), width, height);
            }
            width = picture.width();
            height = picture.height();
            boolean[] inside = new boolean[width * height];
            for (int i = 0; i < inside.length; i++) {
                inside[i] = (picture.rgb()[3 * i] | picture.rgb()[3 * i + 1] | picture.rgb()[3 * i + 2]) != 0;
            }
            frames.add(inside);
        }
        return new RegionMask(name, width, height, frames);
    }

    private static BufferedImage decode(Path file) {
        if (!Files.isRegularFile(file)) {
            throw ZoetropeException.badInput("mask %s does not exist", file);
        }
        try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
            Iterator<ImageReader> readers =
                    in == null ? List.<ImageReader>of().iterator() : ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw ZoetropeException.badInput("mask %s is no picture this program can read; use PNG", file);
            }
            ImageReader reader = readers.next();
            reader.setInput(in);
            if ((long) reader.getWidth(0) * reader.getHeight(0) > MAX_PIXELS) {
                throw ZoetropeException.badInput("mask %s has more than %d pixels", file, MAX_PIXELS);
            }
            return reader.read(0);
        } catch (IOException | IllegalArgumentException e) {
            throw ZoetropeException.badInput("mask %s cannot be read: %s", file, e.getMessage());
        }
    }

    /** For messages. */
    public String name() {
        return name;
    }

    /** Whether everything is inside in all frames. */
    public boolean isWhole() {
        for (boolean[] frame : frames) {
            for (boolean inside : frame) {
                if (!inside) {
                    return false;
                }
            }
        }
        return true;
    }

    /**
     * @param videoWidth pixels of the video it is for
     * @throws ZoetropeException BAD_INPUT if the aspect ratio, or the count of frames, is another
     */
    public void check(int videoWidth, int videoHeight, int videoFrames) {
        double ratio = (double) width * videoHeight / ((double) height * videoWidth);
        if (width * height > 1 && Math.abs(ratio - 1) > ASPECT_TOLERANCE) {
            throw ZoetropeException.badInput(
                    "mask %s has %dx%d pixels, the video %dx%d: give a mask of the same aspect ratio",
                    name, width, height, videoWidth, videoHeight);
        }
        if (frames.size() != 1 && frames.size() != videoFrames) {
            throw ZoetropeException.badInput(
                    "mask %s has %d frames, the video %d: give one mask for all frames or one for each",
                    name, frames.size(), videoFrames);
        }
    }

    /**
     * On a grid.
     *
     * @return 0 or 1, [F,rows,columns], or [1,rows,columns] if it does not move
     * @throws ZoetropeException BAD_INPUT if it covers no cell of it in some frame
     */
    public Tensor onGrid(long rows, long columns) {
        try (Scope scope = Scope.noGrad()) {
            float[] values = new float[frames.size() * width * height];
            for (int i = 0; i < values.length; i++) {
                values[i] = frames.get(i / (width * height))[i % (width * height)] ? 1 : 0;
            }
            Tensor image = Tensors.of(values, frames.size(), 1, height, width);
            Tensor resized = Moft.bilinear(image, rows, columns).squeeze(1);
            Tensor mask = resized.gt(new org.bytedeco.pytorch.Scalar(0.5)).to(ScalarType.Float);
            if (Tensors.item(torch.amin(mask.sum(1, 2), new long[] {0}, false)) < 1) {
                throw ZoetropeException.badInput(
                        "region %s covers no feature cell (needs at least 1 of %dx%d); make it larger",
                        name, rows, columns);
            }
            return scope.keep(mask);
        }
    }

    /** Share of the picture that is inside, over all frames. */
    public double share() {
        long inside = 0;
        for (boolean[] frame : frames) {
            for (boolean one : frame) {
                inside += one ? 1 : 0;
            }
        }
        return (double) inside / ((long) frames.size() * width * height);
    }
}
