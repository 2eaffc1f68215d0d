package dev.zoetrope.moft;

/** Is told how far a job is, on the thread that works. */
@FunctionalInterface
public interface MotionProgress {
    /** A listener that does nothing. */
    MotionProgress SILENT = (done, total, what) -> {};

    /** @param what is being done, such as {@code reading clips} */
    void progress(int done, int total, String what);
}
