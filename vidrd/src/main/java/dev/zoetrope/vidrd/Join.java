package dev.zoetrope.vidrd;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.Locale;

/**
 * How clips become one video.
 *
 * @param kind what happens at a border
 * @param frames K of {@link Kind#DROP} and {@link Kind#CROSSFADE}; 0 for {@link Kind#CONCAT}
 */
public record Join(Kind kind, int frames) {
    /** What happens at a border. */
    public enum Kind {
        /** All frames are kept, as the release does. */
        CONCAT,
        /** The first K frames of each extension are left out; K = 1 removes the doubled border frame. */
        DROP,
        /** The last K frames of a clip fade into the first K of the next. */
        CROSSFADE
    }

    /** All frames, one clip after the other. */
    public static final Join CONCAT = new Join(Kind.CONCAT, 0);

    /** @throws ZoetropeException BAD_INPUT if the number of frames does not fit the kind */
    public Join {
        if (kind == Kind.CONCAT ? frames != 0 : frames < 0) {
            throw ZoetropeException.badInput(
                    "join %s: %d frames, expected %s",
                    kind.name().toLowerCase(Locale.ROOT), frames, kind == Kind.CONCAT ? "0" : "at least 0");
        }
    }

    /** Leaves out the first {@code frames} of each extension. */
    public static Join drop(int frames) {
        return new Join(Kind.DROP, frames);
    }

    /** Fades over {@code frames} frames. */
    public static Join crossfade(int frames) {
        return new Join(Kind.CROSSFADE, frames);
    }

    /**
     * Reads {@code concat}, {@code drop:K} or {@code crossfade:K}.
     *
     * @throws ZoetropeException BAD_INPUT for anything else
     */
    public static Join parse(String text) {
        String[] parts = text.toLowerCase(Locale.ROOT).split(":", -1);
        try {
            if (parts.length == 1 && parts[0].equals("concat")) {
                return CONCAT;
            }
            if (parts.length == 2 && (parts[0].equals("drop") || parts[0].equals("crossfade"))) {
                return new Join(Kind.valueOf(parts[0].toUpperCase(Locale.ROOT)), Integer.parseInt(parts[1]));
            }
        } catch (NumberFormatException e) {
            throw ZoetropeException.badInput("join \"%s\": \"%s\" is no number of frames", text, parts[1]);
        }
        throw ZoetropeException.badInput(
                "join \"%s\" is not known, expected concat, drop:K or crossfade:K, such as drop:1", text);
    }

    /** @throws ZoetropeException BAD_INPUT if clips are too short for it */
    void check(int clipFrames, int promptFrames) {
        int most = kind == Kind.DROP ? Math.min(promptFrames, clipFrames - 1) : clipFrames / 2;
        if (frames > most) {
            throw ZoetropeException.badInput(
                    "join %s: %d frames, expected at most %d with clips of %d frames and %d prompt frames",
                    kind.name().toLowerCase(Locale.ROOT), frames, most, clipFrames, promptFrames);
        }
    }

    /** Frames that each extension adds to the video. */
    int added(int clipFrames) {
        return clipFrames - frames;
    }
}
