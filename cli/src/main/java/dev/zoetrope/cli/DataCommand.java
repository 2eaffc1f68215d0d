package dev.zoetrope.cli;

import picocli.CommandLine.Command;

/** {@code zoetrope data}. */
@Command(
        name = "data",
        header = "Make training data.",
        description = "A folder of clips with captions, from videos and pictures of your own.")
final class DataCommand extends GroupCommand {}
