package dev.zoetrope.media;

import java.nio.ByteOrder;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVFrameSideData;
import org.bytedeco.ffmpeg.global.avutil;

/**
 * How a stored picture is turned for display: first transposed (rows become columns), then mirrored.
 *
 * @param transpose swap rows and columns
 * @param flipX mirror left and right, after the transposition
 * @param flipY mirror top and bottom, after the transposition
 */
record Orientation(boolean transpose, boolean flipX, boolean flipY) {
    static final Orientation UPRIGHT = new Orientation(false, false, false);

    /** The display matrix that travels with a decoded picture, to the nearest quarter turn. */
    static Orientation of(AVFrame picture) {
        AVFrameSideData side = avutil.av_frame_get_side_data(picture, avutil.AV_FRAME_DATA_DISPLAYMATRIX);
        if (side == null || side.isNull() || side.size() < 9 * Integer.BYTES) {
            return UPRIGHT;
        }
        var matrix = side.data()
                .capacity(9L * Integer.BYTES)
                .asByteBuffer()
                .order(ByteOrder.nativeOrder())
                .asIntBuffer();
        return of(matrix.get(0), matrix.get(1), matrix.get(3), matrix.get(4));
    }

    /** Of the matrix with x' = a x + c y and y' = b x + d y, in 16.16 fixed point. */
    static Orientation of(int a, int b, int c, int d) {
        boolean turned = Math.abs((long) b) + Math.abs((long) c) > Math.abs((long) a) + Math.abs((long) d);
        return turned ? new Orientation(true, c < 0, b < 0) : new Orientation(false, a < 0, d < 0);
    }

    /** The clockwise turn in degrees; a mirrored picture counts as its turn before mirroring left and right. */
    int degrees() {
        if (transpose) {
            return flipX || !flipY ? 90 : 270;
        }
        return flipY ? 180 : 0;
    }

    int width(int storedWidth, int storedHeight) {
        return transpose ? storedHeight : storedWidth;
    }

    int height(int storedWidth, int storedHeight) {
        return transpose ? storedWidth : storedHeight;
    }

    /** Turns packed RGB of {@code width * height} stored pixels. */
    byte[] apply(byte[] rgb, int width, int height) {
        if (equals(UPRIGHT)) {
            return rgb;
        }
        int outWidth = width(width, height);
        int outHeight = height(width, height);
        byte[] out = new byte[rgb.length];
        int to = 0;
        for (int row = 0; row < outHeight; row++) {
            int v = flipY ? outHeight - 1 - row : row;
            for (int column = 0; column < outWidth; column++) {
                int u = flipX ? outWidth - 1 - column : column;
                int from = 3 * (transpose ? u * width + v : v * width + u);
                out[to++] = rgb[from];
                out[to++] = rgb[from + 1];
                out[to++] = rgb[from + 2];
            }
        }
        return out;
    }
}
