package dev.zoetrope.media;

import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;

/** One local file taken apart into the packets of its video stream, by one demuxer that was chosen beforehand. */
final class Demuxer implements AutoCloseable {
    /** The work of opening a file is bounded: bytes looked at, seconds of video looked at, streams kept. */
    private static final Map<String, String> LIMITS = Map.of(
            "protocol_whitelist", "file",
            "probesize", "5000000",
            "analyzeduration", "5000000",
            "max_streams", "64",
            "max_probe_packets", "1000");

    private final Path path;
    private final AVFormatContext format = new AVFormatContext(null);
    private final AVPacket packet;
    private final AVStream stream;
    private @Nullable String failure;

    Demuxer(Path path, FileKind kind, ReadOptions options) {
        this.path = path;
        packet = FFmpeg.allocated(avcodec.av_packet_alloc(), "a packet");
        try {
            open(kind);
            findStreams(options);
            stream = videoStream();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void open(FileKind kind) {
        AVInputFormat input = FFmpeg.allocated(avformat.av_find_input_format(kind.demuxer()), kind.demuxer());
        Map<String, String> options = new LinkedHashMap<>(LIMITS);
        options.put("format_whitelist", kind.demuxer());
        AVDictionary dictionary = FFmpeg.dictionary(options);
        try (BytePointer url = FFmpeg.url(path)) {
            int result = avformat.avformat_open_input(format, url, input, dictionary);
            if (result < 0) {
                throw damaged(FFmpeg.error(result));
            }
        } finally {
            avutil.av_dict_free(dictionary);
        }
    }

    /** Looks into the streams; the pictures decoded meanwhile are held to the same limit as all others. */
    private void findStreams(ReadOptions options) {
        int count = format.nb_streams();
        for (int i = 0; i < count; i++) {
            var parameters = format.streams(i).codecpar();
            if (parameters.width() > 0 && parameters.height() > 0) {
                options.checkSize(path, parameters.width(), parameters.height());
            }
        }
        try (PointerPointer<AVDictionary> perStream = new PointerPointer<>(Math.max(1, count))) {
            for (int i = 0; i < count; i++) {
                perStream.put(i, FFmpeg.dictionary(Map.of("max_pixels", Long.toString(options.maxPixels()))));
            }
            int result = avformat.avformat_find_stream_info(format, perStream);
            for (int i = 0; i < count; i++) {
                avutil.av_dict_free(new AVDictionary(perStream.get(i)));
            }
            if (result < 0) {
                throw damaged(FFmpeg.error(result));
            }
        }
    }

    private AVStream videoStream() {
        int index = avformat.av_find_best_stream(
                format,
                avutil.AVMEDIA_TYPE_VIDEO,
                -1,
                -1,
                new PointerPointer<>((org.bytedeco.javacpp.Pointer) null),
                0);
        if (index < 0 || (format.streams(index).disposition() & avformat.AV_DISPOSITION_ATTACHED_PIC) != 0) {
            throw hasAudio()
                    ? ZoetropeException.badInput("%s holds sound but no video; give a file with pictures", path)
                    : damaged("no video stream found");
        }
        for (int i = 0; i < format.nb_streams(); i++) {
            if (i != index) {
                format.streams(i).discard(avcodec.AVDISCARD_ALL);
            }
        }
        return format.streams(index);
    }

    private ZoetropeException damaged(String reason) {
        return ZoetropeException.badInput(
                "%s is damaged or cut short and no picture can be read (%s); make or download it again", path, reason);
    }

    AVStream stream() {
        return stream;
    }

    boolean hasAudio() {
        for (int i = 0; i < format.nb_streams(); i++) {
            if (format.streams(i).codecpar().codec_type() == avutil.AVMEDIA_TYPE_AUDIO) {
                return true;
            }
        }
        return false;
    }

    /** Tags of the file and of the video stream, as the container names them. */
    Map<String, String> tags() {
        Map<String, String> tags = FFmpeg.entries(stream.metadata());
        tags.putAll(FFmpeg.entries(format.metadata()));
        return tags;
    }

    /** Whether times start at an arbitrary clock, as in broadcast streams. */
    boolean hasArbitraryClock() {
        return (format.iformat().flags() & avformat.AVFMT_TS_DISCONT) != 0;
    }

    /** Pictures a second: the nominal rate if the measured one agrees with it, else the measured one. */
    double framesPerSecond() {
        double nominal = value(stream.r_frame_rate());
        double measured = value(stream.avg_frame_rate());
        if (measured <= 0) {
            return nominal;
        }
        return nominal > 0 && Math.abs(measured / nominal - 1) < 0.03 ? nominal : measured;
    }

    double durationSeconds() {
        if (stream.duration() > 0) {
            return seconds(stream.duration());
        }
        return format.duration() > 0 ? format.duration() / (double) avutil.AV_TIME_BASE : 0;
    }

    double seconds(long timestamp) {
        return timestamp * value(stream.time_base());
    }

    private static double value(AVRational rational) {
        return rational.den() == 0 ? 0 : rational.num() / (double) rational.den();
    }

    /** The next packet of the video stream, valid until the next call; null at the end. */
    @Nullable
    AVPacket next() {
        while (true) {
            avcodec.av_packet_unref(packet);
            int result = avformat.av_read_frame(format, packet);
            if (result < 0) {
                failure = result == FFmpeg.EOF ? failure : FFmpeg.error(result);
                return null;
            }
            if (packet.stream_index() == stream.index()) {
                return packet;
            }
        }
    }

    /** Why reading stopped before the end of the file, if it did. */
    @Nullable
    String failure() {
        return failure;
    }

    @Override
    public void close() {
        avcodec.av_packet_free(packet);
        if (!format.isNull()) {
            avformat.avformat_close_input(format);
        }
    }
}
