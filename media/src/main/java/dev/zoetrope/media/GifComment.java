package dev.zoetrope.media;

import dev.zoetrope.tensor.ZoetropeException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Comment extensions of GIF files (GIF89a, section 24). */
final class GifComment {
    private static final int EXTENSION = 0x21;
    private static final int COMMENT = 0xFE;
    private static final int BLOCK = 255;
    private static final int HEADER = 13;
    private static final int FLAGS = 10;

    private GifComment() {}

    /** Where the first block starts in a file that begins with {@code head}. */
    static int afterHeader(byte[] head) {
        int flags = head[FLAGS];
        return HEADER + ((flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1));
    }

    /** The extension to put at {@link #afterHeader}. */
    static byte[] extension(Map<String, String> metadata) {
        byte[] text = Provenance.toJson(metadata).getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(EXTENSION);
        out.write(COMMENT);
        for (int from = 0; from < text.length; from += BLOCK) {
            int length = Math.min(BLOCK, text.length - from);
            out.write(length);
            out.write(text, from, length);
        }
        out.write(0);
        return out.toByteArray();
    }

    /** Comments before the first picture; ours under our key, others as {@code comment}. */
    static Map<String, String> read(Path path) {
        try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(path)))) {
            byte[] head = in.readNBytes(HEADER);
            if (head.length < HEADER) {
                return Map.of();
            }
            in.skipNBytes(afterHeader(head) - (long) HEADER);
            while (in.readUnsignedByte() == EXTENSION) {
                boolean comment = in.readUnsignedByte() == COMMENT;
                String text = blocks(in);
                if (comment) {
                    boolean ours = !Provenance.parse(text).isEmpty();
                    return Map.of(ours ? Provenance.KEY : "comment", text);
                }
            }
            return Map.of();
        } catch (EOFException e) {
            // A damaged file has no comment; decoding its pictures tells what is wrong.
            return Map.of();
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot read %s: %s; check that it may be read", path, e.getMessage());
        }
    }

    private static String blocks(DataInputStream in) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        int length = in.readUnsignedByte();
        while (length > 0) {
            byte[] block = in.readNBytes(length);
            if (text.size() < Provenance.MAX_LENGTH) {
                text.writeBytes(block);
            }
            length = in.readUnsignedByte();
        }
        return text.toString(StandardCharsets.UTF_8);
    }
}
