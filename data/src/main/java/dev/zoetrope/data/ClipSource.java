package dev.zoetrope.data;

/** An endless, random-access series of clips: the same index is always the same clip. Safe for use by many threads. */
public interface ClipSource<C extends TrainingClip> {
    /** The form of every clip. */
    ClipSpec spec();

    /** The clip at an index, 0 or more. */
    C clip(long index);
}
