package dev.zoetrope.train;

import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The loop of one run. */
final class TrainingRun {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);

    private final Objective objective;
    private final TrainingOptions options;
    private final ProgressListener listener;
    private final CancellationToken cancellation;
    private final TrainingState state;
    private final LearningRate schedule;
    private final StepSeeds seeds;
    private final StepClock clock;
    private final RunningMeans means = new RunningMeans();
    private final RunningMeans metrics = new RunningMeans();

    TrainingRun(
            Objective objective,
            TrainingOptions options,
            ProgressListener listener,
            CancellationToken cancellation,
            TrainingState state) {
        this.objective = objective;
        this.options = options;
        this.listener = listener;
        this.cancellation = cancellation;
        this.state = state;
        this.schedule = LearningRate.of(options);
        this.seeds = new StepSeeds(options.seed());
        this.clock = new StepClock();
    }

    TrainingResult run() {
        state.resume();
        if (state.step() > 0) {
            LOG.info("continuing at step {} of {}", state.step(), options.steps());
        }
        try (TrainingLog log = TrainingLog.open(options.outputFolder(), state.step())) {
            boolean saved = true;
            while (state.step() < options.steps() && !cancellation.isCancelled() && !outOfTime()) {
                step();
                saved = report(log);
            }
            if (!saved) {
                save(log);
            }
            return finish(log);
        }
    }

    private boolean outOfTime() {
        return options.timeLimit()
                .filter(limit -> clock.seconds() >= limit.toMillis() / 1000.0)
                .isPresent();
    }

    /** One optimizer step. */
    private void step() {
        clock.startStep();
        FlatParameters parameters = state.parameters();
        parameters.zeroGradients();
        double loss = 0;
        for (int i = 0; i < options.microBatches(); i++) {
            loss += backward(i) / options.microBatches();
        }
        if (clock.steps() == 0) {
            parameters.checkAttached();
        }
        double norm = finite("gradient norm", parameters.gradientNorm());
        if (options.gradientClip() > 0) {
            parameters.clip(norm, options.gradientClip());
        }
        state.update(schedule.at(state.step()));
        means.add("loss", loss);
        means.add("norm", norm);
        clock.endStep();
        listener.progress(clock.progress(state.step(), options, loss));
    }

    /** Adds the gradients of one micro-batch and returns its loss. */
    private double backward(int microBatch) {
        long index = state.step() * options.microBatches() + microBatch;
        int size = options.batchSize() / options.microBatches();
        try (Scope scope = Scope.withGrad();
                SeededGenerator generator = new SeededGenerator(seeds.at(index))) {
            StepContext context = new StepContext(state.step(), microBatch, size, generator, metrics::add);
            return finite("loss", objective.backward(context, 1.0 / options.microBatches()));
        }
    }

    private double finite(String what, double value) {
        if (!Double.isFinite(value)) {
            throw ZoetropeException.badInput(
                    "the %s is %s at step %d; the weights before it are in the last checkpoint in %s: "
                            + "continue in another folder with a lower learningRate (now %s) or gradientClip (now %s)",
                    what,
                    value,
                    state.step() + 1,
                    options.outputFolder(),
                    options.learningRate(),
                    options.gradientClip());
        }
        return value;
    }

    /** Logs, samples and saves where due; says whether it saved. */
    private boolean report(TrainingLog log) {
        boolean last = state.step() == options.steps();
        boolean save = last || state.step() % options.checkpointEvery() == 0;
        if (save || state.step() % options.logEvery() == 0) {
            log(log);
        }
        if (options.sampleEvery() > 0 && (last || state.step() % options.sampleEvery() == 0)) {
            sample();
        }
        if (save) {
            save(log);
        }
        return save;
    }

    private void log(TrainingLog log) {
        SortedMap<String, Double> mean = means.take();
        if (mean.isEmpty()) {
            return;
        }
        log.add(new LogRow(
                state.step(),
                System.currentTimeMillis() / 1000.0,
                seconds(),
                mean.getOrDefault("loss", 0.0),
                schedule.at(state.step() - 1),
                mean.getOrDefault("norm", 0.0),
                options.batchSize() / clock.secondsPerStep(),
                metrics.take()));
    }

    private void sample() {
        Path folder = options.outputFolder().resolve("samples");
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot create %s: %s", folder, e.getMessage());
        }
        state.withAveragedWeights(() -> objective.sample(folder, state.step()));
    }

    /** A row of the log comes first, so that no step before the checkpoint is missing from the log after a resume. */
    private void save(TrainingLog log) {
        log(log);
        log.force();
        state.save(seconds());
        LossPlot.write(options.outputFolder().resolve("loss.png"), log);
    }

    private double seconds() {
        return state.secondsBefore() + clock.seconds();
    }

    private TrainingResult finish(TrainingLog log) {
        boolean complete = state.step() >= options.steps();
        if (!complete && cancellation.isCancelled()) {
            throw new ZoetropeException(
                    ErrorCode.CANCELLED,
                    String.format(
                            "stopped at step %d of %d; the same command continues from there",
                            state.step(), options.steps()));
        }
        if (clock.steps() == 0) {
            state.exportWeights(); // nothing was left to do, but a kill may have come before the export
        }
        state.keepAveragedWeights();
        double[] smooth = log.smoothedLoss();
        return new TrainingResult(
                state.step(),
                complete ? TrainingResult.End.COMPLETED : TrainingResult.End.TIME_LIMIT,
                smooth.length == 0 ? Optional.empty() : Optional.of(smooth[smooth.length - 1]),
                seconds(),
                state.weightsFolder());
    }
}
