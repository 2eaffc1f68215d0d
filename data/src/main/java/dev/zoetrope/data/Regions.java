package dev.zoetrope.data;

import java.util.Arrays;

/** Connected regions (four neighbours) of the pixels above a threshold. */
final class Regions {
    private final boolean[] open;
    private final int width;
    private final int height;
    private final int[] queue;

    Regions(float[] values, int width, int height, double threshold) {
        this.open = new boolean[values.length];
        this.width = width;
        this.height = height;
        this.queue = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            open[i] = values[i] > threshold;
        }
    }

    /** Pixel indices of the largest region, empty if no pixel is above the threshold. Can be called once. */
    int[] largest() {
        int[] best = {};
        for (int i = 0; i < open.length; i++) {
            if (open[i]) {
                int size = flood(i);
                if (size > best.length) {
                    best = Arrays.copyOf(queue, size);
                }
            }
        }
        return best;
    }

    private int flood(int start) {
        int size = push(start, 0);
        for (int head = 0; head < size; head++) {
            int i = queue[head];
            int x = i % width;
            size = x > 0 ? push(i - 1, size) : size;
            size = x < width - 1 ? push(i + 1, size) : size;
            size = i >= width ? push(i - width, size) : size;
            size = i / width < height - 1 ? push(i + width, size) : size;
        }
        return size;
    }

    private int push(int i, int size) {
        if (!open[i]) {
            return size;
        }
        open[i] = false;
        queue[size] = i;
        return size + 1;
    }
}
