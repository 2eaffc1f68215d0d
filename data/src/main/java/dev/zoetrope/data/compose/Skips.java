package dev.zoetrope.data.compose;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;

/** What was left out and why; too much of it is an error. */
final class Skips {
    private static final int MOST_SHOWN = 3;
    private final List<String> reasons = new ArrayList<>();
    private final double most;

    Skips(double most) {
        this.most = most;
    }

    void add(Object what, ZoetropeException reason) {
        String text = String.valueOf(reason.getMessage());
        String name = String.valueOf(what);
        reasons.add(text.startsWith(name) ? text : name + ": " + text);
    }

    List<String> reasons() {
        return List.copyOf(reasons);
    }

    /**
     * @param total of which these are
     * @param things such as files
     * @throws ZoetropeException BAD_INPUT if the share is above what may be
     */
    void check(int total, String things) {
        if (reasons.size() > most * total) {
            throw ZoetropeException.badInput(
                    "%d of %d %s cannot be used, more than the share of %s that may be skipped; the first: %s",
                    reasons.size(),
                    total,
                    things,
                    most,
                    String.join("; ", reasons.subList(0, Math.min(MOST_SHOWN, reasons.size()))));
        }
    }
}
