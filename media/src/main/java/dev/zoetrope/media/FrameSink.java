package dev.zoetrope.media;

/** Where {@link VideoWriter} sends frames of one size. Nothing is visible at the target before {@link #finish()}. */
interface FrameSink extends AutoCloseable {
    void write(Frame frame);

    /** Makes the whole result appear at the target in one step. */
    void finish();

    /** Frees everything; without {@link #finish()} before it, deletes what was written. */
    @Override
    void close();
}
