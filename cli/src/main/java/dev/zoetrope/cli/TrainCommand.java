package dev.zoetrope.cli;

import picocli.CommandLine.Command;

/** {@code zoetrope train}. */
@Command(
        name = "train",
        header = "Train a model from scratch, or continue a training.",
        description = "A run that was stopped goes on where its last checkpoint is, with the same result.")
final class TrainCommand extends GroupCommand {}
