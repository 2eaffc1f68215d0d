package dev.zoetrope.data.compose;

/** Frame times in a stream: how many, from when, until when. */
final class Timeline {
    private int frames;
    private double first;
    private double last;

    void add(double seconds) {
        if (frames == 0) {
            first = seconds;
        }
        last = seconds;
        frames++;
    }

    void restart() {
        frames = 0;
    }

    int frames() {
        return frames;
    }

    double first() {
        return first;
    }

    /** When the last frame stops being shown, as long as the others were on average. */
    double end() {
        return frames < 2 ? last : last + (last - first) / (frames - 1);
    }
}
