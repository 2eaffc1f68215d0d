package dev.zoetrope.media;

import dev.zoetrope.tensor.ZoetropeException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The parts of a WebP file (RFC 9649), found by their chunk headers without reading the pictures.
 *
 * @param animated whether it holds frames
 * @param width canvas, pixels; 0 in a plain file without extended header
 * @param height canvas, pixels; 0 in a plain file without extended header
 * @param frames where the frames are
 * @param tags metadata of our own
 */
record WebpFile(boolean animated, int width, int height, List<Part> frames, Map<String, String> tags) {
    private static final int MAX_CHUNKS = 1_000_000;
    private static final int RIFF_HEADER = 12;
    private static final int CHUNK_HEADER = 8;
    private static final int FRAME_HEADER = 16;
    private static final int ANIMATION_FLAG = 0x02;

    /**
     * One frame of an animation.
     *
     * @param offset of its picture chunks, bytes from the start of the file
     * @param size of its picture chunks, bytes
     * @param blend whether it is drawn over what was there, instead of replacing it
     * @param dispose whether its rectangle is cleared after it was shown
     */
    record Part(
            long offset,
            int size,
            int x,
            int y,
            int width,
            int height,
            int milliseconds,
            boolean blend,
            boolean dispose) {}

    static WebpFile read(Path path) {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            return scan(file);
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot read %s: %s; check that it may be read", path, e.getMessage());
        }
    }

    private static WebpFile scan(FileChannel file) throws IOException {
        boolean animated = false;
        int width = 0;
        int height = 0;
        List<Part> frames = new ArrayList<>();
        Map<String, String> tags = new HashMap<>();
        long at = RIFF_HEADER;
        for (int i = 0; i < MAX_CHUNKS && at + CHUNK_HEADER <= file.size(); i++) {
            byte[] header = bytes(file, at, CHUNK_HEADER);
            String type = type(header);
            long size = int24(header, 4) | (header[7] & 0xFFL) << 24;
            long body = at + CHUNK_HEADER;
            long available = Math.min(size, file.size() - body);
            if (type.equals("VP8X") && available >= 10) {
                byte[] extended = bytes(file, body, 10);
                animated = (extended[0] & ANIMATION_FLAG) != 0;
                width = 1 + int24(extended, 4);
                height = 1 + int24(extended, 7);
            } else if (type.equals("ANMF") && available > FRAME_HEADER && available <= Integer.MAX_VALUE - 64) {
                frames.add(part(bytes(file, body, FRAME_HEADER), body, (int) available));
            } else if (type.equals("XMP ") && available <= 2L * Provenance.MAX_LENGTH) {
                tags.putAll(WebpMetadata.parse(bytes(file, body, (int) available)));
            }
            at = body + size + size % 2;
        }
        return new WebpFile(animated, width, height, List.copyOf(frames), Map.copyOf(tags));
    }

    private static Part part(byte[] header, long body, int size) {
        int flags = header[15];
        return new Part(
                body + FRAME_HEADER,
                size - FRAME_HEADER,
                2 * int24(header, 0),
                2 * int24(header, 3),
                1 + int24(header, 6),
                1 + int24(header, 9),
                int24(header, 12),
                (flags & 2) == 0,
                (flags & 1) != 0);
    }

    /** The picture of a frame as a WebP file of its own. */
    static byte[] still(FileChannel file, Part part) throws IOException {
        byte[] chunks = bytes(file, part.offset(), part.size());
        boolean alpha = type(chunks).equals("ALPH");
        byte[] extended = alpha ? WebpMetadata.extendedHeader(part.width(), part.height(), 0x10) : new byte[0];
        byte[] still = new byte[RIFF_HEADER + extended.length + part.size()];
        ByteBuffer.wrap(still)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("RIFF".getBytes(StandardCharsets.US_ASCII))
                .putInt(4 + extended.length + part.size())
                .put("WEBP".getBytes(StandardCharsets.US_ASCII))
                .put(extended)
                .put(chunks);
        return still;
    }

    private static String type(byte[] header) {
        return new String(header, 0, Math.min(4, header.length), StandardCharsets.US_ASCII);
    }

    private static int int24(byte[] bytes, int at) {
        return bytes[at] & 0xFF | (bytes[at + 1] & 0xFF) << 8 | (bytes[at + 2] & 0xFF) << 16;
    }

    private static byte[] bytes(FileChannel file, long at, int length) throws IOException {
        byte[] bytes = new byte[length];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        long position = at;
        while (buffer.hasRemaining()) {
            int read = file.read(buffer, position);
            if (read < 0) {
                throw new EOFException("the file ends inside a part");
            }
            position += read;
        }
        return bytes;
    }
}
