package dev.zoetrope.data.compose;

/** Is told how far a composition is, often; it may throw to stop it. */
@FunctionalInterface
public interface CompositionProgress {
    /**
     * @param done of {@code total}
     * @param what these are; a new text begins a new part of the work
     */
    void progress(int done, int total, String what);

    /** A listener that does nothing. */
    static CompositionProgress silent() {
        return (done, total, what) -> {};
    }
}
