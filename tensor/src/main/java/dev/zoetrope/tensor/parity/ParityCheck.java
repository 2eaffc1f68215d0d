package dev.zoetrope.tensor.parity;

import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.Scope;
import java.nio.file.Files;
import java.nio.file.Path;

/** Knows one kind of fixture folder, whatever its sizes and options. */
public interface ParityCheck {
    /** Whether {@code folder} is of this kind. */
    boolean supports(Path folder);

    /** Recomputes every case and compares. */
    void run(Path folder, ParityReport report);

    /** A check of the fixtures whose golden.json names {@code module}. */
    abstract class ForModule implements ParityCheck {
        @Override
        public final boolean supports(Path folder) {
            return Files.exists(folder.resolve("golden.json"))
                    && supportsModule(JsonFiles.read(folder.resolve("golden.json"))
                            .path("module")
                            .asText());
        }

        @Override
        public final void run(Path folder, ParityReport report) {
            try (Scope scope = Scope.noGrad();
                    Fixture fixture = Fixture.open(folder)) {
                run(fixture, report);
            }
        }

        protected abstract boolean supportsModule(String module);

        protected abstract void run(Fixture fixture, ParityReport report);
    }
}
