package dev.zoetrope.media;

import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVPixFmtDescriptor;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.jspecify.annotations.Nullable;

/**
 * Decoded pictures of any pixel format to packed 8-bit RGB of one size, with the matrix and range that the picture says.
 * A picture that does not say its matrix has BT.601 below 720 lines and BT.709 from there on, as players assume.
 */
final class RgbConverter implements AutoCloseable {
    static final int FLAGS = swscale.SWS_BICUBIC
            | swscale.SWS_ACCURATE_RND
            | swscale.SWS_FULL_CHR_H_INT
            | swscale.SWS_BITEXACT; // the same bytes on every processor
    private static final int ONE = 1 << 16;
    private static final int HD_LINES = 720;

    private final Path path;
    private final int width;
    private final int height;
    private final int format;
    private final AVFrame target;
    private @Nullable SwsContext context;
    private @Nullable Source current;

    /** What the scaler has to be set up for. */
    private record Source(int width, int height, int format, int matrix, boolean fullRange) {}

    /** For output of {@code width * height} pixels, before any rotation. */
    RgbConverter(Path path, int width, int height) {
        this(path, width, height, false);
    }

    /** As above, with the alpha as a fourth byte if {@code alpha}. */
    RgbConverter(Path path, int width, int height, boolean alpha) {
        this.path = path;
        this.format = alpha ? avutil.AV_PIX_FMT_RGBA : avutil.AV_PIX_FMT_RGB24;
        this.width = width;
        this.height = height;
        this.target = Pictures.allocate(path, width, height, format);
    }

    byte[] convert(AVFrame picture) {
        Source source = source(picture);
        if (!source.equals(current)) {
            prepare(source);
        }
        int rows = swscale.sws_scale(
                FFmpeg.allocated(context, "a colour conversion"),
                picture.data(),
                picture.linesize(),
                0,
                picture.height(),
                target.data(),
                target.linesize());
        FFmpeg.check(rows, "colour conversion", path);
        return Pictures.packed(target, width, height, format == avutil.AV_PIX_FMT_RGBA ? 4 : 3);
    }

    private static Source source(AVFrame picture) {
        int format = picture.format();
        AVPixFmtDescriptor description = avutil.av_pix_fmt_desc_get(format);
        boolean grey = description != null && description.nb_components() <= 2;
        boolean full = picture.color_range() == avutil.AVCOL_RANGE_JPEG
                || grey && picture.color_range() == avutil.AVCOL_RANGE_UNSPECIFIED
                || isFullRange(format);
        return new Source(picture.width(), picture.height(), plain(format), matrix(picture), full);
    }

    private static int matrix(AVFrame picture) {
        return switch (picture.colorspace()) {
            case avutil.AVCOL_SPC_BT709,
                    avutil.AVCOL_SPC_FCC,
                    avutil.AVCOL_SPC_BT470BG,
                    avutil.AVCOL_SPC_SMPTE170M,
                    avutil.AVCOL_SPC_SMPTE240M,
                    avutil.AVCOL_SPC_BT2020_NCL -> picture.colorspace();
            default -> matrixFor(picture.height());
        };
    }

    /** The matrix that players assume for a picture that does not say. */
    static int matrixFor(int height) {
        return height < HD_LINES ? avutil.AVCOL_SPC_SMPTE170M : avutil.AVCOL_SPC_BT709;
    }

    private static boolean isFullRange(int format) {
        return plain(format) != format;
    }

    /** The pixel formats with a J in their name mean full range and are otherwise the plain ones. */
    private static int plain(int format) {
        return switch (format) {
            case avutil.AV_PIX_FMT_YUVJ420P -> avutil.AV_PIX_FMT_YUV420P;
            case avutil.AV_PIX_FMT_YUVJ422P -> avutil.AV_PIX_FMT_YUV422P;
            case avutil.AV_PIX_FMT_YUVJ444P -> avutil.AV_PIX_FMT_YUV444P;
            case avutil.AV_PIX_FMT_YUVJ440P -> avutil.AV_PIX_FMT_YUV440P;
            case avutil.AV_PIX_FMT_YUVJ411P -> avutil.AV_PIX_FMT_YUV411P;
            default -> format;
        };
    }

    private void prepare(Source source) {
        release();
        SwsContext fresh = swscale.sws_getContext(
                source.width(),
                source.height(),
                source.format(),
                width,
                height,
                format,
                FLAGS,
                null,
                null,
                (DoublePointer) null);
        if (fresh == null || fresh.isNull()) {
            throw new ZoetropeException(
                    ErrorCode.BAD_INPUT,
                    "%s: pixel format %s cannot be shown as RGB; convert the file to H.264 in MP4 first"
                            .formatted(path, FFmpeg.text(avutil.av_get_pix_fmt_name(source.format()))));
        }
        IntPointer matrix = swscale.sws_getCoefficients(source.matrix());
        // Fails for formats that have no matrix (RGB), which need none.
        swscale.sws_setColorspaceDetails(fresh, matrix, source.fullRange() ? 1 : 0, matrix, 1, 0, ONE, ONE);
        context = fresh;
        current = source;
    }

    private void release() {
        if (context != null) {
            swscale.sws_freeContext(context);
            context = null;
            current = null;
        }
    }

    @Override
    public void close() {
        release();
        avutil.av_frame_free(target);
    }
}
