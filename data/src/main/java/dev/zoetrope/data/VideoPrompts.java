package dev.zoetrope.data;

import dev.zoetrope.media.VideoReader;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What videos should show: the captions of their folder, or the prompts that generated files carry. */
public final class VideoPrompts {
    /** The tag under which {@code zoetrope generate} writes the prompt into a file. */
    private static final String TAG = "prompt";

    private static final int LISTED = 5;

    private VideoPrompts() {}

    /**
     * The prompt of each video: its caption by {@link FolderIndex}, else the one in the file.
     *
     * @param files videos of the folder
     * @throws ZoetropeException BAD_INPUT naming the videos that have neither, or if metadata or a file cannot be read
     */
    public static Map<Path, String> of(Path folder, List<Path> files) {
        Map<Path, String> captions = new HashMap<>();
        FolderIndex.read(folder).forEach(entry -> captions.put(entry.file().normalize(), entry.caption()));
        Map<Path, String> prompts = new LinkedHashMap<>();
        List<Path> without = new ArrayList<>();
        for (Path file : files) {
            String caption = captions.getOrDefault(file.normalize(), "");
            String prompt = caption.isEmpty() ? ownPrompt(file) : caption;
            if (prompt.isEmpty()) {
                without.add(file.getFileName());
            } else {
                prompts.put(file, prompt);
            }
        }
        if (!without.isEmpty()) {
            throw ZoetropeException.badInput(
                    "%d of %d videos in %s have no prompt (%s%s); write lines {\"file\": \"%s\", \"caption\": \"...\"} into %s",
                    without.size(),
                    files.size(),
                    folder,
                    String.join(
                            ", ",
                            without.stream().limit(LISTED).map(Path::toString).toList()),
                    without.size() > LISTED ? ", ..." : "",
                    without.get(0),
                    folder.resolve("metadata.jsonl"));
        }
        return prompts;
    }

    private static String ownPrompt(Path file) {
        try (VideoReader reader = VideoReader.open(file)) {
            return reader.info().metadata().getOrDefault(TAG, "").strip();
        }
    }
}
