package dev.zoetrope.data.compose;

import dev.zoetrope.tensor.ZoetropeException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** What an external captioner says, up to a limit. */
final class Answer {
    private static final int MOST_BYTES = 64 * 1024;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** @throws ZoetropeException BAD_INPUT if it becomes too long */
    void add(byte[] more, int count) {
        if (bytes.size() + count > MOST_BYTES) {
            throw ZoetropeException.badInput("the captioner's answer has more than %d bytes", MOST_BYTES);
        }
        bytes.write(more, 0, count);
    }

    String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** A caption on one line. */
    static String caption(String text) {
        String line = text.replaceAll("\\s+", " ").strip();
        if (line.isEmpty()) {
            throw ZoetropeException.badInput("the captioner gave an empty caption");
        }
        return line;
    }
}
