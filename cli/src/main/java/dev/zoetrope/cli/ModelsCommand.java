package dev.zoetrope.cli;

import picocli.CommandLine.Command;

/** {@code zoetrope models}. */
@Command(
        name = "models",
        header = "List, inspect, verify, convert and make up models.",
        description = "A model folder has the published layout: model_index.json and one folder a component.")
final class ModelsCommand extends GroupCommand {}
