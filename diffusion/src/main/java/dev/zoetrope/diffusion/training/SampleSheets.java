package dev.zoetrope.diffusion.training;

import java.nio.file.Path;

/** Sample sheets of a model folder during training. */
final class SampleSheets {
    private SampleSheets() {}

    static void write(Path modelFolder, Path samples, long step) {}
}
