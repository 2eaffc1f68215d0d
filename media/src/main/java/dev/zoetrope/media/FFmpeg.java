package dev.zoetrope.media;

import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.NativeLibraries;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVDictionaryEntry;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avfilter;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * FFmpeg's native side: guarded loading, error texts, dictionaries. The device library (avdevice) is never touched: it
 * needs a sound server's client library to link, and the ready-made grabber and recorder classes would load it.
 */
final class FFmpeg {
    /** "Try again": the codec wants more input. The value of the C library's EAGAIN, negated. */
    static final int AGAIN =
            System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("mac") ? -35 : -11;

    /** FFmpeg's {@code FFERRTAG('E','O','F',' ')}. */
    static final int EOF = -('E' | 'O' << 8 | 'F' << 16 | ' ' << 24);

    private static final int MAX_TAGS = 1000;
    private static volatile boolean loaded;

    private FFmpeg() {}

    /** Loads the libraries on first use; every other class calls this before it touches FFmpeg. */
    static void ensureLoaded() {
        if (!loaded) {
            NativeLibraries.load(FFmpeg::load);
            avutil.av_log_set_level(avutil.AV_LOG_QUIET);
            loaded = true;
        }
    }

    private static void load() {
        Loader.load(avutil.class);
        Loader.load(avcodec.class);
        Loader.load(avformat.class);
        Loader.load(swscale.class);
        Loader.load(avfilter.class);
    }

    /** Passes a result through, or fails with NATIVE: for calls that only fail for want of memory or by a defect. */
    static int check(int result, String what, Path path) {
        if (result < 0) {
            throw new ZoetropeException(ErrorCode.NATIVE, "%s: %s failed: %s".formatted(path, what, error(result)));
        }
        return result;
    }

    /** An allocation, or OUT_OF_MEMORY. */
    static <T extends Pointer> T allocated(@Nullable T pointer, String what) {
        if (pointer == null || pointer.isNull()) {
            throw new ZoetropeException(
                    ErrorCode.OUT_OF_MEMORY, "no memory for " + what + "; close other work or use smaller pictures");
        }
        return pointer;
    }

    static String error(int code) {
        byte[] text = new byte[256];
        avutil.av_strerror(code, text, text.length);
        int end = 0;
        while (end < text.length && text[end] != 0) {
            end++;
        }
        return new String(text, 0, end, StandardCharsets.UTF_8);
    }

    /** The name under which FFmpeg opens a file: the prefix keeps names such as {@code concat:x} from being protocols. */
    static BytePointer url(Path path) {
        return utf8("file:" + path.toAbsolutePath());
    }

    /** A zero-terminated UTF-8 string, whatever the platform's default charset is. */
    static BytePointer utf8(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        BytePointer pointer = new BytePointer(bytes.length + 1L);
        pointer.put(bytes, 0, bytes.length).put(bytes.length, (byte) 0);
        return pointer;
    }

    static String text(@Nullable BytePointer pointer) {
        if (pointer == null || pointer.isNull()) {
            return "";
        }
        byte[] bytes = pointer.getStringBytes();
        return StandardCharsets.UTF_8.decode(ByteBuffer.wrap(bytes)).toString();
    }

    /** A dictionary of options or tags; the caller frees it. */
    static AVDictionary dictionary(Map<String, String> entries) {
        AVDictionary dictionary = new AVDictionary(null);
        entries.forEach((key, value) -> put(dictionary, key, value));
        return dictionary;
    }

    private static void put(AVDictionary dictionary, String key, String value) {
        try (BytePointer name = utf8(key);
                BytePointer text = utf8(value)) {
            avutil.av_dict_set(dictionary, name, text, 0);
        }
    }

    static Map<String, String> entries(@Nullable AVDictionary dictionary) {
        Map<String, String> entries = new LinkedHashMap<>();
        if (dictionary == null || dictionary.isNull()) {
            return entries;
        }
        AVDictionaryEntry entry = avutil.av_dict_iterate(dictionary, null);
        while (entry != null && !entry.isNull() && entries.size() < MAX_TAGS) {
            entries.put(text(entry.key()), text(entry.value()));
            entry = avutil.av_dict_iterate(dictionary, entry);
        }
        return entries;
    }
}
