package dev.zoetrope.data.compose;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What a folder of sources holds, and so how clips are made of it. */
public enum SourceKind {
    /** Videos with captions: a window of each. */
    CAPTIONED,
    /** Short videos in folders named after what they show: a window of each, or the whole video if it is shorter. */
    LABELLED,
    /** Long videos: a window of each shot. */
    LONG,
    /** Pictures: a pseudo-video of each. */
    STILLS;

    /** The lower-case name, as in the manifest. */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The kind of a word. */
    @JsonCreator
    static SourceKind of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
