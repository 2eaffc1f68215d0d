package dev.zoetrope.cli;

import picocli.CommandLine.Command;

/** {@code zoetrope motion}. */
@Command(
        name = "motion",
        header = "See what moves in a clip, through a video model's eyes (MOFT).",
        description = "To make something move, see: zoetrope control.")
final class MotionCommand extends GroupCommand {}
