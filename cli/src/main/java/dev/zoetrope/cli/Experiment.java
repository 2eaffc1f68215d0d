package dev.zoetrope.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/** An acceptance experiment: it measures, prints the control beside the result and says whether the threshold was met. */
interface Experiment {
    /** Such as {@code B1}. */
    String id();

    /** One line for the list. */
    String title();

    /**
     * Measures.
     *
     * @return whether every threshold was met
     */
    boolean run(Context context);

    /**
     * What an experiment works with.
     *
     * @param out where it prints its numbers
     * @param model folder of the trained model, for experiments that need one
     * @param results folder where it leaves tables and pictures
     * @param steps of the trainings of backbone's B4 and vidrd's E6, unless the experiment's own
     * @param stills folder of photographs, for experiments that need some
     */
    record Context(PrintStream out, Path model, Path results, OptionalInt steps, Optional<Path> stills) {}
}
