package dev.zoetrope.cli;

import java.util.Locale;

/** One line of a diagnosis: what was looked at, what was seen, and the next step where there is one. */
record Finding(Verdict verdict, String subject, String seen) {
    /** How a finding is to be taken. */
    enum Verdict {
        OK,
        WARN,
        FAIL
    }

    static Finding ok(String subject, String seen) {
        return new Finding(Verdict.OK, subject, seen);
    }

    static Finding warn(String subject, String seen) {
        return new Finding(Verdict.WARN, subject, seen);
    }

    static Finding fail(String subject, String seen) {
        return new Finding(Verdict.FAIL, subject, seen);
    }

    @Override
    public String toString() {
        return String.format("%-5s %-14s %s", verdict.name().toLowerCase(Locale.ROOT), subject, seen);
    }
}
