package dev.zoetrope.diffusion.experiment;

import java.util.List;

/**
 * What an experiment found.
 *
 * @param lines a Markdown table and remarks, ready to print
 * @param met whether every threshold was met
 */
public record Outcome(List<String> lines, boolean met) {
    public Outcome {
        lines = List.copyOf(lines);
    }
}
