package dev.zoetrope.media;

import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

/** The encoder of one video: native pictures in its pixel format in, packets out. */
final class Encoder implements AutoCloseable {
    /** Settings of one encoder of FFmpeg. Options that it does not know are an error of ours. */
    private record Settings(String codec, int pixelFormat, Map<String, String> options) {}

    private final Path path;
    private final AVCodecContext context;
    private final AVPacket packet;

    private Encoder(Path path, AVCodecContext context) {
        this.path = path;
        this.context = context;
        packet = FFmpeg.allocated(avcodec.av_packet_alloc(), "a packet");
    }

    /** The first of the format's encoders that opens. The caller frees {@code rate}. */
    static Encoder open(Path path, VideoFormat format, int width, int height, AVRational rate, VideoOptions options) {
        List<Settings> choices = choices(format, options.quality());
        for (Settings settings : choices) {
            AVCodecContext context = open(settings, width, height, rate);
            if (context != null) {
                return new Encoder(path, context);
            }
        }
        throw new ZoetropeException(
                ErrorCode.NATIVE,
                "%s: no encoder (%s) takes pictures of %dx%d pixels; use another size or another extension"
                        .formatted(path, choices.get(0).codec(), width, height));
    }

    private static List<Settings> choices(VideoFormat format, int quality) {
        return switch (format) {
            case MP4 -> List.of(h264(quality), mpeg4(quality));
            case WEBM -> List.of(vp9(quality));
            case GIF -> List.of(new Settings("gif", avutil.AV_PIX_FMT_PAL8, Map.of()));
            case PNG -> List.of(new Settings("apng", avutil.AV_PIX_FMT_RGB24, Map.of("pred", "mixed")));
            case WEBP -> List.of(webp(quality));
            case FOLDER -> throw new IllegalArgumentException("a folder has no encoder");
        };
    }

    /**
     * A fixed quantiser: 51 at quality 0, 10 at quality 100. A bit rate would starve some clips and bloat others. The
     * encoder reads the bounds of the quantiser only while it controls a rate, so it gets a rate that never binds. A key frame comes every four frames: the encoder takes blocks for background whose
     * colour changes but not their brightness, and leaves ghosts there until the next one.
     */
    private static Settings h264(int quality) {
        String quantiser = Integer.toString(Math.round(51 - 0.41f * quality));
        return new Settings(
                "libopenh264",
                avutil.AV_PIX_FMT_YUV420P,
                Map.of(
                        "rc_mode", "quality",
                        "b", "20000000",
                        "qmin", quantiser,
                        "qmax", quantiser,
                        "g", "4",
                        "profile", "high"));
    }

    /** For systems where the H.264 encoder cannot be loaded; quantiser 31 to 1. */
    private static Settings mpeg4(int quality) {
        int quantiser = Math.round(31 - 0.3f * quality);
        return new Settings(
                "mpeg4",
                avutil.AV_PIX_FMT_YUV420P,
                Map.of(
                        "flags", "+qscale",
                        "global_quality", Integer.toString(quantiser * avutil.FF_QP2LAMBDA),
                        "g", "48"));
    }

    private static Settings vp9(int quality) {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("crf", Integer.toString(Math.round(63 - 0.59f * quality)));
        options.put("b", "0");
        options.put("g", "48");
        options.put("deadline", "good");
        options.put("cpu-used", "4");
        return new Settings("libvpx-vp9", avutil.AV_PIX_FMT_YUV420P, options);
    }

    private static Settings webp(int quality) {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("lossless", quality == 100 ? "1" : "0");
        options.put("quality", Integer.toString(quality));
        return new Settings("libwebp_anim", avutil.AV_PIX_FMT_BGRA, options);
    }

    private static @Nullable AVCodecContext open(Settings settings, int width, int height, AVRational rate) {
        AVCodec codec = avcodec.avcodec_find_encoder_by_name(settings.codec());
        if (codec == null || codec.isNull()) {
            return null;
        }
        AVCodecContext context = FFmpeg.allocated(avcodec.avcodec_alloc_context3(codec), "an encoder");
        context.width(width).height(height).pix_fmt(settings.pixelFormat());
        context.framerate(rate).time_base(avutil.av_inv_q(rate));
        // One thread: small clips gain nothing from more, and equal input gives equal bytes.
        context.thread_count(1);
        context.flags(context.flags() | avcodec.AV_CODEC_FLAG_GLOBAL_HEADER | avcodec.AV_CODEC_FLAG_BITEXACT);
        if (settings.pixelFormat() == avutil.AV_PIX_FMT_YUV420P) {
            setColours(context, height);
        }
        AVDictionary options = FFmpeg.dictionary(settings.options());
        int result = avcodec.avcodec_open2(context, codec, options);
        avutil.av_dict_free(options);
        if (result < 0) {
            avcodec.avcodec_free_context(context);
            return null;
        }
        return context;
    }

    /** Written into the stream, and equal to what players assume that do not look. */
    private static void setColours(AVCodecContext context, int height) {
        boolean hd = RgbConverter.matrixFor(height) == avutil.AVCOL_SPC_BT709;
        context.colorspace(RgbConverter.matrixFor(height))
                .color_range(avutil.AVCOL_RANGE_MPEG)
                .color_primaries(hd ? avutil.AVCOL_PRI_BT709 : avutil.AVCOL_PRI_SMPTE170M)
                .color_trc(hd ? avutil.AVCOL_TRC_BT709 : avutil.AVCOL_TRC_SMPTE170M);
    }

    int pixelFormat() {
        return context.pix_fmt();
    }

    AVRational timeBase() {
        return context.time_base();
    }

    void describe(AVCodecParameters parameters) {
        FFmpeg.check(avcodec.avcodec_parameters_from_context(parameters, context), "describing the stream", path);
    }

    /** Takes a picture; null says that there are no more. */
    void send(@Nullable AVFrame picture) {
        FFmpeg.check(avcodec.avcodec_send_frame(context, picture), "encoding", path);
    }

    /** The next packet, valid until the next call; null if more pictures are needed or at the end. */
    @Nullable
    AVPacket receive() {
        avcodec.av_packet_unref(packet);
        int result = avcodec.avcodec_receive_packet(context, packet);
        if (result == FFmpeg.AGAIN || result == FFmpeg.EOF) {
            return null;
        }
        FFmpeg.check(result, "encoding", path);
        return packet;
    }

    @Override
    public void close() {
        avcodec.av_packet_free(packet);
        avcodec.avcodec_free_context(context);
    }
}
