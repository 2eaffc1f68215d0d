package dev.zoetrope.media;

import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells the format of a file by its first bytes and names the one demuxer that may open it. FFmpeg's own probing would
 * also find playlists and name patterns, which read other files; none of those can be reached from here.
 */
enum FileKind {
    ISO_MEDIA("mov"),
    MATROSKA("matroska"),
    AVI("avi"),
    WEBP("webp_pipe"),
    GIF("gif"),
    PNG("png_pipe"),
    APNG("apng"),
    JPEG("jpeg_pipe"),
    BMP("bmp_pipe"),
    TIFF("tiff_pipe"),
    YUV4MPEG("yuv4mpegpipe"),
    MPEG_TS("mpegts"),
    MPEG_PS("mpeg"),
    FLV("flv"),
    OGG("ogg"),
    ASF("asf"),
    IVF("ivf");

    private static final int HEAD_BYTES = 4096;
    private static final int TS_PACKET = 188;
    private static final Set<String> ATOMS =
            Set.of("ftyp", "moov", "mdat", "wide", "free", "skip", "pnot", "uuid", "styp");

    private final String demuxer;

    FileKind(String demuxer) {
        this.demuxer = demuxer;
    }

    /** FFmpeg's name of the demuxer. */
    String demuxer() {
        return demuxer;
    }

    /** Reads the first bytes of a regular file; BAD_INPUT if it is none of the formats above. */
    static FileKind of(Path path) {
        if (Files.notExists(path)) {
            throw ZoetropeException.badInput(
                    "%s does not exist; give the path of a video, a picture or a folder", path);
        }
        if (!Files.isRegularFile(path)) {
            throw ZoetropeException.badInput("%s is not a regular file; copy its content into one", path);
        }
        byte[] head;
        try (InputStream in = Files.newInputStream(path)) {
            head = in.readNBytes(HEAD_BYTES);
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot read %s: %s; check that it may be read", path, e.getMessage());
        }
        if (head.length == 0) {
            throw ZoetropeException.badInput(
                    "%s is empty, expected a video or a picture; make or download it again", path);
        }
        return of(path, head);
    }

    private static FileKind of(Path path, byte[] head) {
        String text = new String(head, StandardCharsets.ISO_8859_1);
        FileKind picture = picture(text);
        FileKind kind = picture != null ? picture : video(head, text);
        if (kind == null) {
            throw ZoetropeException.badInput(
                    "%s is not a video or picture that can be read (MP4, MOV, WebM, MKV, AVI, MPEG, FLV, OGG, WMV, Y4M,"
                            + " GIF, PNG, APNG, WebP, JPEG, BMP, TIFF); convert it to one of them first",
                    path);
        }
        return kind;
    }

    private static @Nullable FileKind picture(String text) {
        if (text.startsWith("\u0089PNG\r\n\u001a\n")) {
            int control = text.indexOf("acTL");
            int data = text.indexOf("IDAT");
            return control >= 0 && (data < 0 || control < data) ? APNG : PNG;
        }
        if (text.startsWith("GIF8")) {
            return GIF;
        }
        if (text.startsWith("\u00ff\u00d8\u00ff")) {
            return JPEG;
        }
        if (text.startsWith("RIFF") && text.startsWith("WEBP", 8)) {
            return WEBP;
        }
        if (text.startsWith("BM") && text.length() > 26) {
            return BMP;
        }
        return text.startsWith("II*\0") || text.startsWith("MM\0*") ? TIFF : null;
    }

    private static @Nullable FileKind video(byte[] head, String text) {
        if (text.length() >= 8 && ATOMS.contains(text.substring(4, 8))) {
            return ISO_MEDIA;
        }
        if (text.startsWith("RIFF") && text.startsWith("AVI", 8)) {
            return AVI;
        }
        if (text.startsWith("YUV4MPEG2")) {
            return YUV4MPEG;
        }
        if (text.startsWith("FLV\1")) {
            return FLV;
        }
        if (text.startsWith("OggS")) {
            return OGG;
        }
        if (text.startsWith("DKIF")) {
            return IVF;
        }
        if (head[0] == 0x47 && head.length > 2 * TS_PACKET && head[TS_PACKET] == 0x47 && head[2 * TS_PACKET] == 0x47) {
            return MPEG_TS;
        }
        return head.length < 4 ? null : byNumber(ByteBuffer.wrap(head).getInt());
    }

    private static @Nullable FileKind byNumber(int magic) {
        return switch (magic) {
            case 0x1A45DFA3 -> MATROSKA;
            case 0x000001BA -> MPEG_PS;
            case 0x3026B275 -> ASF;
            default -> null;
        };
    }
}
