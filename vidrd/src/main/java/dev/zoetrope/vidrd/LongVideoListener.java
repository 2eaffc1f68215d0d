package dev.zoetrope.vidrd;

import java.nio.file.Path;

/** Hears how a long video comes along, on the thread that makes it. */
public interface LongVideoListener {
    /** Hears nothing. */
    LongVideoListener NONE = new LongVideoListener() {};

    /** After each sampling or inversion step; steps of clips that were there already count as done. */
    default void step(long done, long total) {}

    /** A clip is on disk. */
    default void clipFinished(int index, int clips, Path file) {}

    /** Something the user should know, before the work begins. */
    default void notice(String text) {}
}
