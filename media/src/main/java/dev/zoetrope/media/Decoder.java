package dev.zoetrope.media;

import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.jspecify.annotations.Nullable;

/** The decoder of one video stream: packets in, pictures out, in the order they are shown. */
final class Decoder implements AutoCloseable {
    /**
     * Decoders in wide use. The rare ones are old, and are where hostile files find defects; Cinepak is old but small, and
     * samples that everybody has are coded with it.
     */
    private static final Set<String> CODECS = Set.of(
            "h264",
            "hevc",
            "vp8",
            "vp9",
            "av1",
            "mpeg1video",
            "mpeg2video",
            "mpeg4",
            "msmpeg4v2",
            "msmpeg4v3",
            "h263",
            "flv1",
            "wmv1",
            "wmv2",
            "wmv3",
            "vc1",
            "theora",
            "mjpeg",
            "prores",
            "dnxhd",
            "ffv1",
            "huffyuv",
            "ffvhuff",
            "utvideo",
            "qtrle",
            "cinepak",
            "rawvideo",
            "v210",
            "png",
            "apng",
            "gif",
            "webp",
            "bmp",
            "tiff",
            "jpeg2000");
    /** Below this a second thread costs more to start than it saves. */
    private static final int THREADS_FROM_PIXELS = 640 * 360;

    private static final int MAX_THREADS = 4;

    private final AVCodecContext context;
    private final AVFrame picture;
    private final String name;
    private boolean draining;
    private int damaged;

    Decoder(Path path, AVCodecParameters parameters, AVRational timeBase, ReadOptions options) {
        name = FFmpeg.text(avcodec.avcodec_get_name(parameters.codec_id()));
        AVCodec codec = CODECS.contains(name) ? avcodec.avcodec_find_decoder(parameters.codec_id()) : null;
        if (codec == null || codec.isNull()) {
            throw ZoetropeException.badInput(
                    "%s: pictures coded as %s cannot be decoded; convert the file to H.264 in MP4 first", path, name);
        }
        context = FFmpeg.allocated(avcodec.avcodec_alloc_context3(codec), "a decoder");
        picture = FFmpeg.allocated(avutil.av_frame_alloc(), "a picture");
        try {
            open(path, parameters, timeBase, codec, options);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void open(
            Path path, AVCodecParameters parameters, AVRational timeBase, AVCodec codec, ReadOptions options) {
        FFmpeg.check(avcodec.avcodec_parameters_to_context(context, parameters), "setting up the decoder", path);
        long pixels = (long) parameters.width() * parameters.height();
        context.pkt_timebase(timeBase)
                .max_pixels(options.maxPixels())
                .thread_count(pixels < THREADS_FROM_PIXELS ? 1 : threads());
        AVDictionary none = FFmpeg.dictionary(Map.of());
        if (avcodec.avcodec_open2(context, codec, none) < 0) {
            throw ZoetropeException.badInput(
                    "%s: the %s stream is damaged and cannot be decoded; make or download it again", path, name);
        }
    }

    private static int threads() {
        return Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors());
    }

    /** FFmpeg's codec name. */
    String name() {
        return name;
    }

    /** Packets that could not be decoded and pictures that were patched up, so far. */
    int damaged() {
        return damaged;
    }

    /** Takes a packet; null says that there are no more. */
    void send(@Nullable AVPacket packet) {
        draining = packet == null;
        if (avcodec.avcodec_send_packet(context, packet) < 0 && packet != null) {
            damaged++;
        }
    }

    /** The next picture, valid until the next call; null if more packets are needed or, after the last, at the end. */
    @Nullable
    AVFrame receive() {
        while (true) {
            int result = avcodec.avcodec_receive_frame(context, picture);
            if (result >= 0) {
                if (picture.decode_error_flags() != 0 || (picture.flags() & AVFrame.AV_FRAME_FLAG_CORRUPT) != 0) {
                    damaged++;
                }
                return picture;
            }
            if (result == FFmpeg.AGAIN || result == FFmpeg.EOF) {
                return null;
            }
            damaged++;
            if (!draining) {
                return null;
            }
            // While draining, every error belongs to one picture that was still inside, so this ends.
        }
    }

    @Override
    public void close() {
        avutil.av_frame_free(picture);
        avcodec.avcodec_free_context(context);
    }
}
