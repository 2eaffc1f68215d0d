package dev.zoetrope.moft.experiment;

import dev.zoetrope.diffusion.experiment.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Collects the lines of an experiment and whether each of its relations holds. */
final class Relations {
    private final List<String> lines = new ArrayList<>();
    private final List<String> checks = new ArrayList<>();
    private boolean met = true;

    Relations line(String format, Object... values) {
        lines.add(String.format(Locale.ROOT, format, values));
        return this;
    }

    /** A relation with its measured numbers. */
    Relations check(boolean holds, String format, Object... values) {
        met &= holds;
        checks.add((holds ? "- holds: " : "- **fails**: ") + String.format(Locale.ROOT, format, values));
        return this;
    }

    Outcome outcome() {
        List<String> all = new ArrayList<>(lines);
        all.add("");
        all.addAll(checks);
        return new Outcome(all, met);
    }
}
