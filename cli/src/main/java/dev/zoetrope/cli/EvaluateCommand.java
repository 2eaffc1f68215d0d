package dev.zoetrope.cli;

import picocli.CommandLine.Command;

/** {@code zoetrope evaluate}. */
@Command(name = "evaluate", header = "Measure a model, with the control beside the result.")
final class EvaluateCommand extends GroupCommand {}
