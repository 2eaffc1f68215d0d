package dev.zoetrope.media;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

final class TestFiles {
    private TestFiles() {}

    static Path media(String name) {
        try {
            return Path.of(Objects.requireNonNull(TestFiles.class.getResource("/media-files/" + name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
