package dev.zoetrope.vidrd;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Which prompt each clip has: a prompt holds from its clip on until the next one. */
public final class PromptSchedule {
    private final NavigableMap<Integer, String> prompts;

    private PromptSchedule(NavigableMap<Integer, String> prompts) {
        this.prompts = prompts;
    }

    /** One prompt for all clips. */
    public static PromptSchedule of(String prompt) {
        return new PromptSchedule(new TreeMap<>(Map.of(0, prompt)));
    }

    /**
     * The same with another prompt from a clip on.
     *
     * @param clip index from 0
     * @throws ZoetropeException BAD_INPUT for a negative index
     */
    public PromptSchedule from(int clip, String prompt) {
        if (clip < 0) {
            throw ZoetropeException.badInput("prompt \"%.40s\": clip %d, expected 0 or later", prompt, clip);
        }
        NavigableMap<Integer, String> more = new TreeMap<>(prompts);
        more.put(clip, prompt);
        return new PromptSchedule(more);
    }

    /**
     * The same with what a line such as {@code 2: a blue square} says.
     *
     * @throws ZoetropeException BAD_INPUT if it begins with no number and colon
     */
    public PromptSchedule with(String line) {
        int colon = line.indexOf(':');
        try {
            if (colon > 0) {
                int clip = Integer.parseInt(line.substring(0, colon).trim());
                return from(clip, line.substring(colon + 1).trim());
            }
        } catch (NumberFormatException e) {
            throw ZoetropeException.badInput("\"%.60s\": \"%s\" is no clip", line, line.substring(0, colon));
        }
        throw ZoetropeException.badInput("\"%.60s\": expected a clip and its prompt, such as 2: a blue square", line);
    }

    /** The prompt of a clip. */
    public String prompt(int clip) {
        return prompts.floorEntry(clip).getValue();
    }

    /** Prompts by their first clip. */
    public NavigableMap<Integer, String> prompts() {
        return Collections.unmodifiableNavigableMap(prompts);
    }

    @Override
    public String toString() {
        return prompts.toString();
    }
}
