package dev.zoetrope.media;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Metadata of WebP files: an {@code XMP } chunk with one attribute of our own (RFC 9649, 2.7.1.5). */
final class WebpMetadata {
    private static final int XMP_FLAG = 0x04;
    private static final int RIFF_HEADER = 12;
    private static final int CHUNK_HEADER = 8;
    private static final int EXTENDED_BODY = 10;
    private static final Pattern ATTRIBUTE = Pattern.compile("zoetrope:metadata=\"([^\"]*)\"");
    private static final String XMP = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">"
            + "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
            + "<rdf:Description rdf:about=\"\" xmlns:zoetrope=\"urn:zoetrope\" zoetrope:metadata=\"%s\"/>"
            + "</rdf:RDF></x:xmpmeta>";

    private WebpMetadata() {}

    /** Copies a file of {@code size} bytes, appending the metadata and saying so in the extended header. */
    static void copy(InputStream in, OutputStream out, long size, int width, int height, Map<String, String> metadata)
            throws IOException {
        byte[] head = in.readNBytes(RIFF_HEADER + CHUNK_HEADER);
        boolean extended = new String(head, RIFF_HEADER, 4, StandardCharsets.US_ASCII).equals("VP8X");
        byte[] header = extended ? in.readNBytes(EXTENDED_BODY) : extendedBody(width, height);
        header[0] |= XMP_FLAG;
        byte[] xmp =
                chunk("XMP ", XMP.formatted(escape(Provenance.toJson(metadata))).getBytes(StandardCharsets.UTF_8));
        long total = size - CHUNK_HEADER + xmp.length + (extended ? 0 : CHUNK_HEADER + EXTENDED_BODY);
        little(head).putInt(4, Math.toIntExact(total));
        out.write(head, 0, RIFF_HEADER);
        out.write(chunk("VP8X", header));
        if (!extended) {
            out.write(head, RIFF_HEADER, CHUNK_HEADER);
        }
        in.transferTo(out);
        out.write(xmp);
    }

    private static byte[] extendedBody(int width, int height) {
        byte[] body = new byte[EXTENDED_BODY];
        // 24-bit sizes minus one, side by side; the top byte of the width is 0 and shared with the height.
        little(body).putInt(4, width - 1).putShort(7, (short) (height - 1)).put(9, (byte) ((height - 1) >> 16));
        return body;
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A RIFF chunk, padded to an even length. */
    static byte[] chunk(String type, byte[] body) {
        byte[] bytes = new byte[CHUNK_HEADER + body.length + body.length % 2];
        little(bytes)
                .put(type.getBytes(StandardCharsets.US_ASCII))
                .putInt(body.length)
                .put(body);
        return bytes;
    }

    /** The chunk that announces a canvas and, by {@code flags}, what else the file has. */
    static byte[] extendedHeader(int width, int height, int flags) {
        byte[] body = extendedBody(width, height);
        body[0] = (byte) flags;
        return chunk("VP8X", body);
    }

    /** The tags in the body of an {@code XMP } chunk. */
    static Map<String, String> parse(byte[] xmp) {
        Matcher matcher = ATTRIBUTE.matcher(new String(xmp, StandardCharsets.UTF_8));
        return matcher.find() ? Map.of(Provenance.KEY, unescape(matcher.group(1))) : Map.of();
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private static String unescape(String text) {
        return text.replace("&quot;", "\"")
                .replace("&gt;", ">")
                .replace("&lt;", "<")
                .replace("&amp;", "&");
    }
}
