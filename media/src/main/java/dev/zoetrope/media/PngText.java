package dev.zoetrope.media;

import dev.zoetrope.tensor.ZoetropeException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;

/** Text chunks of PNG and APNG files (ISO/IEC 15948, 11.3.4): written as one {@code iTXt}, read as {@code tEXt} or {@code iTXt}. */
final class PngText {
    /** Byte offset of the first chunk after the header chunk. */
    static final int AFTER_HEADER = 33;

    private static final int SIGNATURE = 8;
    private static final int MAX_CHUNKS = 1000;

    private PngText() {}

    /** The chunk to put at {@link #AFTER_HEADER}. */
    static byte[] chunk(Map<String, String> metadata) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes("iTXt".getBytes(StandardCharsets.US_ASCII));
        body.writeBytes(Provenance.KEY.getBytes(StandardCharsets.US_ASCII));
        // End of keyword, not compressed, method 0, no language, no translated keyword.
        body.writeBytes(new byte[] {0, 0, 0, 0, 0});
        body.writeBytes(Provenance.toJson(metadata).getBytes(StandardCharsets.UTF_8));
        byte[] bytes = body.toByteArray();
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return ByteBuffer.allocate(bytes.length + 8)
                .putInt(bytes.length - 4)
                .put(bytes)
                .putInt((int) crc.getValue())
                .array();
    }

    /** Texts before the first picture data; nothing from a damaged file, whose pictures tell what is wrong. */
    static Map<String, String> read(Path path) {
        Map<String, String> texts = new LinkedHashMap<>();
        try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(path)))) {
            in.skipNBytes(SIGNATURE);
            for (int i = 0; i < MAX_CHUNKS; i++) {
                int length = in.readInt();
                String type = new String(in.readNBytes(4), StandardCharsets.US_ASCII);
                if (length < 0 || type.equals("IDAT")) {
                    break;
                }
                boolean text = (type.equals("tEXt") || type.equals("iTXt")) && length <= Provenance.MAX_LENGTH;
                if (text) {
                    add(texts, type, in.readNBytes(length));
                }
                in.skipNBytes(text ? 4 : length + 4L);
            }
        } catch (EOFException e) {
            return texts;
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot read %s: %s; check that it may be read", path, e.getMessage());
        }
        return texts;
    }

    private static void add(Map<String, String> texts, String type, byte[] body) {
        int end = zero(body, 0);
        String keyword = new String(body, 0, end, StandardCharsets.ISO_8859_1);
        if (type.equals("tEXt")) {
            texts.put(keyword, new String(tail(body, end + 1), StandardCharsets.ISO_8859_1));
        } else if (end + 1 < body.length && body[end + 1] == 0) {
            int text = zero(body, zero(body, end + 3) + 1) + 1;
            texts.put(keyword, new String(tail(body, text), StandardCharsets.UTF_8));
        }
    }

    private static int zero(byte[] body, int from) {
        int i = from;
        while (i < body.length && body[i] != 0) {
            i++;
        }
        return Math.min(i, body.length);
    }

    private static byte[] tail(byte[] body, int from) {
        return from >= body.length ? new byte[0] : Arrays.copyOfRange(body, from, body.length);
    }
}
