package dev.zoetrope.data.compose;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Real video from Debian's package {@code opencv-doc}, where it is installed. */
final class RealVideo {
    private static final Path DATA = Path.of("/usr/share/doc/opencv-doc/examples/data");

    private RealVideo() {}

    /** The file, or the test is skipped and says why. */
    static Path file(String name) {
        Path file = DATA.resolve(name);
        if (!Files.isRegularFile(file)) {
            String reason = file + " is missing; to run this test: apt-get install opencv-doc";
            System.out.println("skipped: " + reason);
            Assumptions.abort(reason);
        }
        return file;
    }
}
