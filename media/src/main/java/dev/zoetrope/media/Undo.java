package dev.zoetrope.media;

import java.util.ArrayDeque;
import java.util.Deque;

/** Closes what was opened so far, in reverse, unless everything worked out and {@link #keep()} was called. */
final class Undo implements AutoCloseable {
    private final Deque<Runnable> steps = new ArrayDeque<>();

    <T extends AutoCloseable> T add(T opened) {
        steps.push(() -> close(opened));
        return opened;
    }

    void keep() {
        steps.clear();
    }

    @Override
    public void close() {
        while (!steps.isEmpty()) {
            steps.pop().run();
        }
    }

    private static void close(AutoCloseable opened) {
        try {
            opened.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
