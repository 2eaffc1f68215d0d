package dev.zoetrope.media;

import java.nio.file.Path;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;

/** Native pictures and packed Java bytes. Native rows are padded, so copies go row by row. */
final class Pictures {
    /** Bytes; a row starts at a multiple of the widest vector register. */
    private static final int ALIGNMENT = 64;

    private Pictures() {}

    /** A native picture with its own pixels; freed by {@code av_frame_free}. */
    static AVFrame allocate(Path path, int width, int height, int format) {
        AVFrame frame = FFmpeg.allocated(avutil.av_frame_alloc(), "a picture");
        frame.width(width).height(height).format(format);
        int result = avutil.av_frame_get_buffer(frame, ALIGNMENT);
        if (result < 0) {
            avutil.av_frame_free(frame);
            FFmpeg.check(result, "allocating a picture of %dx%d pixels".formatted(width, height), path);
        }
        return frame;
    }

    /** The rows of a picture of one plane, without padding. */
    static byte[] packed(AVFrame frame, int width, int height, int bytesPerPixel) {
        int bytes = bytesPerPixel * width;
        byte[] pixels = new byte[Math.multiplyExact(bytes, height)];
        long stride = frame.linesize(0);
        BytePointer row = new BytePointer(frame.data(0));
        for (int y = 0; y < height; y++) {
            row.position(y * stride).get(pixels, bytes * y, bytes);
        }
        return pixels;
    }

    /** Copies a frame into a native RGB picture at least as large, repeating the last column and row into the rest. */
    static void fill(AVFrame target, Frame frame) {
        int copied = 3 * frame.width();
        byte[] line = new byte[3 * target.width()];
        long stride = target.linesize(0);
        BytePointer row = new BytePointer(target.data(0));
        for (int y = 0; y < target.height(); y++) {
            int from = copied * Math.min(y, frame.height() - 1);
            System.arraycopy(frame.rgb(), from, line, 0, copied);
            for (int i = copied; i < line.length; i++) {
                line[i] = line[i - 3];
            }
            row.position(y * stride).put(line, 0, line.length);
        }
    }
}
