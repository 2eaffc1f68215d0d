package dev.zoetrope.media;

import java.nio.file.Path;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.jspecify.annotations.Nullable;

/** RGB pictures into the pixel format of an encoder. */
interface PixelEncoder extends AutoCloseable {
    /** Takes a picture; null says that there are no more. */
    void send(@Nullable AVFrame rgb);

    /** The next picture, valid until the next call; null if more are needed or at the end. */
    @Nullable
    AVFrame receive();

    @Override
    void close();

    static PixelEncoder of(Path path, int width, int height, Encoder encoder) {
        if (encoder.pixelFormat() == avutil.AV_PIX_FMT_PAL8) {
            return new Palette(new PaletteFilter(path, width, height, encoder.timeBase()));
        }
        return new Scaler(path, width, height, encoder.pixelFormat());
    }

    /** Through a palette. */
    record Palette(PaletteFilter filter) implements PixelEncoder {
        @Override
        public void send(@Nullable AVFrame rgb) {
            filter.send(rgb);
        }

        @Override
        public @Nullable AVFrame receive() {
            return filter.receive();
        }

        @Override
        public void close() {
            filter.close();
        }
    }

    /** Through a colour matrix or a change of byte order. */
    final class Scaler implements PixelEncoder {
        private static final int ONE = 1 << 16;

        private final Path path;
        private final AVFrame target;
        private final SwsContext context;
        private boolean ready;

        Scaler(Path path, int width, int height, int format) {
            this.path = path;
            int flags = RgbConverter.FLAGS | swscale.SWS_FULL_CHR_H_INP;
            context = FFmpeg.allocated(
                    swscale.sws_getContext(
                            width,
                            height,
                            avutil.AV_PIX_FMT_RGB24,
                            width,
                            height,
                            format,
                            flags,
                            null,
                            null,
                            (DoublePointer) null),
                    "a colour conversion");
            IntPointer matrix = swscale.sws_getCoefficients(RgbConverter.matrixFor(height));
            swscale.sws_setColorspaceDetails(context, matrix, 1, matrix, 0, 0, ONE, ONE);
            target = Pictures.allocate(path, width, height, format);
        }

        @Override
        public void send(@Nullable AVFrame rgb) {
            if (rgb == null) {
                return;
            }
            FFmpeg.check(avutil.av_frame_make_writable(target), "copying a picture", path);
            int rows = swscale.sws_scale(
                    context, rgb.data(), rgb.linesize(), 0, rgb.height(), target.data(), target.linesize());
            FFmpeg.check(rows, "colour conversion", path);
            target.pts(rgb.pts()).duration(rgb.duration());
            ready = true;
        }

        @Override
        public @Nullable AVFrame receive() {
            AVFrame result = ready ? target : null;
            ready = false;
            return result;
        }

        @Override
        public void close() {
            avutil.av_frame_free(target);
            swscale.sws_freeContext(context);
        }
    }
}
