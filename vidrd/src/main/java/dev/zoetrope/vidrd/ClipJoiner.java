package dev.zoetrope.vidrd;

import dev.zoetrope.media.Frame;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** Puts clips together as their frames come; holds back only the frames of a fade. */
final class ClipJoiner {
    private final Join join;
    private final Consumer<Frame> sink;
    private final Deque<Frame> held = new ArrayDeque<>();
    private boolean first = true;

    ClipJoiner(Join join, Consumer<Frame> sink) {
        this.join = join;
        this.sink = sink;
    }

    /** Appends a clip. */
    void clip(Iterable<Frame> frames) {
        int j = 0;
        for (Frame frame : frames) {
            boolean border = !first && j < join.frames();
            if (!border) {
                hold(frame);
            } else if (join.kind() == Join.Kind.CROSSFADE) {
                Frame old = held.poll();
                sink.accept(old == null ? frame : blend(old, frame, (j + 1.0) / (join.frames() + 1)));
            }
            j++;
        }
        first = false;
    }

    private void hold(Frame frame) {
        held.add(frame);
        int most = join.kind() == Join.Kind.CROSSFADE ? join.frames() : 0;
        while (held.size() > most) {
            sink.accept(held.remove());
        }
    }

    /** Frames held back for a fade. */
    int heldBack() {
        return held.size();
    }

    /** Hands over what was held back for another clip. */
    void finish() {
        held.forEach(sink);
        held.clear();
    }

    private static Frame blend(Frame old, Frame fresh, double weight) {
        byte[] rgb = new byte[old.rgb().length];
        for (int i = 0; i < rgb.length; i++) {
            double value = (1 - weight) * (old.rgb()[i] & 0xFF) + weight * (fresh.rgb()[i] & 0xFF);
            rgb[i] = (byte) Math.floor(value + 0.5);
        }
        return new Frame(old.width(), old.height(), rgb, old.timeSeconds());
    }
}
