package dev.zoetrope.cli;

import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them. */
final class Texts {
    private static final double KIB = 1024;

    private Texts() {}

    /** Such as {@code 1.4 GiB}. */
    static String bytes(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        double value = bytes;
        int unit = 0;
        while (value >= KIB && unit < units.length - 1) {
            value /= KIB;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    }

    /** Such as {@code 1,411,233,860}. */
    static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /** Such as {@code 3.2 s}, {@code 4 min 05 s} or {@code 2 h 07 min}. */
    static String duration(Duration duration) {
        double seconds = duration.toMillis() / 1000.0;
        if (seconds < 60) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        if (seconds < 3600) {
            return String.format(Locale.ROOT, "%d min %02d s", duration.toMinutes(), duration.toSecondsPart());
        }
        return String.format(Locale.ROOT, "%d h %02d min", duration.toHours(), duration.toMinutesPart());
    }

    static String seconds(double seconds) {
        return duration(Duration.ofMillis(Math.round(seconds * 1000)));
    }

    /** The command as a shell would take it. */
    static String commandLine(String... arguments) {
        StringBuilder text = new StringBuilder("zoetrope");
        for (String argument : arguments) {
            boolean plain = argument.matches("[\\w@%+=:,./-]+");
            text.append(' ').append(plain ? argument : "'" + argument.replace("'", "'\\''") + "'");
        }
        return text.toString();
    }

    /** A file name from a text: lower-case letters and digits, the rest as hyphens, at most {@code length} characters. */
    static String slug(String text, int length) {
        String words = text.toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}]+", "-")
                .replaceAll("^-|-$", "");
        String clipped =
                words.length() <= length ? words : words.substring(0, length).replaceAll("-$", "");
        return clipped.isEmpty() ? "clip" : clipped;
    }

    /** The beginning of a text, at most {@code length} characters. */
    static String clip(String text, int length) {
        String line = text.replaceAll("\\s+", " ").strip();
        return line.length() <= length ? line : line.substring(0, length - 1) + "…";
    }
}
