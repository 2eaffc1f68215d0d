package dev.zoetrope.tensor;

import java.util.Collection;
import java.util.stream.Collectors;

/** Makes names from hostile files fit for an error message. */
final class Messages {
    private static final int MAX_NAME = 120;
    private static final int MAX_LISTED = 10;

    private Messages() {}

    /** The name without control characters, cut to a readable length. */
    static String clip(String name) {
        String head = name.length() <= MAX_NAME ? name : name.substring(0, MAX_NAME) + "...";
        return head.codePoints()
                .map(c -> Character.isISOControl(c) || !Character.isDefined(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** Up to ten names, comma separated, with the number of those left out. */
    static String list(Collection<String> names) {
        String listed = names.stream().limit(MAX_LISTED).map(Messages::clip).collect(Collectors.joining(", "));
        return names.size() <= MAX_LISTED ? listed : listed + ", and " + (names.size() - MAX_LISTED) + " more";
    }
}
