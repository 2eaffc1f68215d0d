package dev.zoetrope.media;

import dev.zoetrope.tensor.AtomicFiles;
import dev.zoetrope.tensor.ZoetropeException;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import javax.imageio.ImageIO;

/** Single pictures: any format that {@link VideoReader} knows in, PNG out. */
public final class Images {
    static {
        // No window system is needed or wanted, and no cache files on disk.
        ImageIO.setUseCache(false);
    }

    private Images() {}

    /**
     * Reads a picture (PNG, JPEG, WebP, BMP, TIFF, or the first frame of a video).
     *
     * @throws ZoetropeException BAD_INPUT if it cannot be decoded
     */
    public static Frame read(Path path) {
        return read(path, ReadOptions.defaults());
    }

    /** As {@link #read(Path)}, with limits. */
    public static Frame read(Path path, ReadOptions options) {
        try (VideoReader reader = VideoReader.open(path, options)) {
            return reader.read().orElseThrow();
        }
    }

    /** Writes a PNG, whole or not at all. */
    public static void writePng(Path target, Frame frame) {
        writePng(target, frame, Map.of());
    }

    /** Writes a PNG with metadata (any keys and texts) inside, whole or not at all. */
    public static void writePng(Path target, Frame frame, Map<String, String> metadata) {
        byte[] png = png(frame, metadata);
        AtomicFiles.write(target, out -> out.write(png));
    }

    /** The bytes of a PNG file. */
    public static byte[] png(Frame frame, Map<String, String> metadata) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            if (!ImageIO.write(toImage(frame), "png", out)) {
                throw new IOException("this Java has no PNG writer");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        byte[] plain = out.toByteArray();
        if (metadata.isEmpty()) {
            return plain;
        }
        ByteArrayOutputStream tagged = new ByteArrayOutputStream();
        tagged.write(plain, 0, PngText.AFTER_HEADER);
        tagged.writeBytes(PngText.chunk(metadata));
        tagged.write(plain, PngText.AFTER_HEADER, plain.length - PngText.AFTER_HEADER);
        return tagged.toByteArray();
    }

    /** A Java2D picture (3-byte BGR) with a copy of the pixels. */
    public static BufferedImage toImage(Frame frame) {
        BufferedImage image = new BufferedImage(frame.width(), frame.height(), BufferedImage.TYPE_3BYTE_BGR);
        swapRedBlue(frame.rgb(), ((DataBufferByte) image.getRaster().getDataBuffer()).getData());
        return image;
    }

    /** The pixels of a Java2D picture of any type, alpha drawn over black, at time 0. */
    public static Frame fromImage(BufferedImage image) {
        BufferedImage bgr = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_3BYTE_BGR);
        var graphics = bgr.createGraphics();
        graphics.drawImage(image, 0, 0, null);
        graphics.dispose();
        byte[] rgb = new byte[3 * image.getWidth() * image.getHeight()];
        swapRedBlue(((DataBufferByte) bgr.getRaster().getDataBuffer()).getData(), rgb);
        return new Frame(image.getWidth(), image.getHeight(), rgb, 0);
    }

    private static void swapRedBlue(byte[] from, byte[] to) {
        for (int i = 0; i < from.length; i += 3) {
            to[i] = from[i + 2];
            to[i + 1] = from[i + 1];
            to[i + 2] = from[i];
        }
    }
}
