package dev.zoetrope.tensor;

/** What went wrong, in the terms a caller can act on. Mapped once to process exit codes and once to HTTP problems. */
public enum ErrorCode {
    /** An argument, option, prompt or file that the user gave cannot be used. */
    BAD_INPUT(2),
    /** Weights and configuration do not belong together, or a file is damaged. */
    CHECKPOINT_MISMATCH(3),
    /** The work does not fit into memory. */
    OUT_OF_MEMORY(4),
    /** The caller asked to stop. */
    CANCELLED(130),
    /** LibTorch or FFmpeg failed. */
    NATIVE(5),
    /** A file could not be read or written. */
    IO(6);

    private final int exitStatus;

    ErrorCode(int exitStatus) {
        this.exitStatus = exitStatus;
    }

    /** The process exit status of the command line for this code. */
    public int exitStatus() {
        return exitStatus;
    }
}
