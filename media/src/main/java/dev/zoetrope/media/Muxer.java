package dev.zoetrope.media;

import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;

/** Puts the packets of one video stream into a file. */
final class Muxer implements AutoCloseable {
    private final Path file;
    private final AVFormatContext context = new AVFormatContext(null);
    private AVStream stream = new AVStream(null);

    Muxer(Path file, VideoFormat format, Encoder encoder, AVRational rate, Map<String, String> metadata) {
        this.file = file;
        int result = avformat.avformat_alloc_output_context2(context, null, format.muxer(), null);
        FFmpeg.check(result, "opening the container " + format.muxer(), file);
        try {
            open(format, encoder, rate, metadata);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void open(VideoFormat format, Encoder encoder, AVRational rate, Map<String, String> metadata) {
        stream = FFmpeg.allocated(avformat.avformat_new_stream(context, null), "a stream");
        encoder.describe(stream.codecpar());
        stream.time_base(encoder.timeBase()).avg_frame_rate(rate);
        if (format.muxesTags() && !metadata.isEmpty()) {
            context.metadata(FFmpeg.dictionary(Map.of(Provenance.KEY, Provenance.toJson(metadata))));
        }
        try (BytePointer url = FFmpeg.url(file)) {
            AVIOContext io = new AVIOContext(null);
            checkWritten(avformat.avio_open(io, url, avformat.AVIO_FLAG_WRITE));
            context.pb(io);
        }
        setUrl();
        AVDictionary options = FFmpeg.dictionary(options(format));
        int result = avformat.avformat_write_header(context, options);
        avutil.av_dict_free(options);
        checkWritten(result);
    }

    /** The MP4 muxer opens the file a second time to move its index to the front; the name has to be FFmpeg's to free. */
    private void setUrl() {
        try (BytePointer url = FFmpeg.url(file)) {
            context.url(avutil.av_strdup(url));
        }
    }

    private static Map<String, String> options(VideoFormat format) {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("fflags", "+bitexact"); // no random identifiers and no dates: equal input gives equal bytes
        switch (format) {
            case MP4 -> options.put("movflags", "+faststart+use_metadata_tags");
            case PNG -> options.put("plays", "0");
            case WEBP, GIF -> options.put("loop", "0");
            default -> {}
        }
        return options;
    }

    /** Writes a packet whose times are in {@code timeBase}. */
    void write(AVPacket packet, AVRational timeBase) {
        avcodec.av_packet_rescale_ts(packet, timeBase, stream.time_base());
        packet.stream_index(stream.index());
        checkWritten(avformat.av_interleaved_write_frame(context, packet));
    }

    /** Completes the file and closes it. */
    void finish() {
        checkWritten(avformat.av_write_trailer(context));
        checkWritten(closeFile());
    }

    private int closeFile() {
        AVIOContext io = context.pb();
        if (io == null || io.isNull()) {
            return 0;
        }
        int result = avformat.avio_closep(io);
        context.pb(new AVIOContext(null));
        return result;
    }

    private void checkWritten(int result) {
        if (result < 0) {
            throw new ZoetropeException(
                    ErrorCode.IO,
                    "cannot write %s: %s; check the free space and the rights of the folder"
                            .formatted(file, FFmpeg.error(result)));
        }
    }

    @Override
    public void close() {
        closeFile();
        avformat.avformat_free_context(context);
    }
}
