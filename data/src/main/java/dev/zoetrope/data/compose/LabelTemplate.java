package dev.zoetrope.data.compose;

import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Puts the label into a sentence.
 *
 * @param template with {@code {label}} in it; default {@code a video of {label}}
 */
public record LabelTemplate(String template) implements Captioner {
    private static final String PLACE = "{label}";

    /** The default sentence. */
    public static final LabelTemplate DEFAULT = new LabelTemplate("a video of {label}");

    public LabelTemplate {
        if (!template.contains(PLACE)) {
            throw ZoetropeException.badInput(
                    "the caption template \"%s\" has no %s, the place of the label", template, PLACE);
        }
    }

    @Override
    public String name() {
        return template;
    }

    @Override
    public String caption(Path file, String hint) {
        if (hint.isBlank()) {
            throw ZoetropeException.badInput(
                    "has neither a caption nor a label; put a text file beside it, or it into a folder named after what it"
                            + " shows, or use a captioner that looks at clips");
        }
        return template.replace(PLACE, hint);
    }

    @Override
    public boolean looksAtClip() {
        return false;
    }

    /** A folder name as words: {@code ApplyEyeMakeup} and {@code apply_eye-makeup} become {@code apply eye makeup}. */
    static String words(String folder) {
        String spaced = folder.replaceAll("[_\\-\\s]+", " ").replaceAll("(?<=[\\p{Ll}\\p{N}])(?=\\p{Lu})", " ");
        return spaced.equals(folder) && !folder.matches("\\p{Lu}\\p{Ll}+")
                ? folder.strip()
                : spaced.strip().toLowerCase(Locale.ROOT);
    }
}
