package dev.zoetrope.train;

/** Is told after every step, on the thread that trains; it should return quickly. */
@FunctionalInterface
public interface ProgressListener {
    void progress(Progress progress);

    /** A listener that does nothing. */
    static ProgressListener silent() {
        return progress -> {};
    }
}
