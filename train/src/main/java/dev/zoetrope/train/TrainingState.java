package dev.zoetrope.train;

import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.SafetensorsWriter;
import dev.zoetrope.tensor.Scope;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;

/** All that a checkpoint holds: weights, average, optimizer, buffers, and how far the run is. */
final class TrainingState implements AutoCloseable {
    private final Objective objective;
    private final TrainingOptions options;
    private final CheckpointFolder checkpoints;
    private final FlatParameters parameters;
    private final Optimizer optimizer;
    private final Ema ema;
    private long step;
    private double secondsBefore;

    TrainingState(Objective objective, TrainingOptions options) {
        this.objective = objective;
        this.options = options;
        this.checkpoints = new CheckpointFolder(options.outputFolder().resolve("checkpoints"));
        this.parameters = FlatParameters.of(objective.modules(), objective::trains);
        this.optimizer = objective.optimizer(parameters, options);
        this.ema = new Ema(parameters, options.emaDecay());
    }

    FlatParameters parameters() {
        return parameters;
    }

    /** Completed steps. */
    long step() {
        return step;
    }

    /** Wall-clock seconds of earlier runs. */
    double secondsBefore() {
        return secondsBefore;
    }

    /** Takes one optimizer step with the gradients there are. */
    void update(double learningRate) {
        optimizer.step(learningRate);
        ema.update();
        step++;
    }

    /** Continues from the newest checkpoint, if there is one. */
    void resume() {
        Optional<CheckpointFolder.Found> latest = checkpoints.latest();
        if (latest.isEmpty()) {
            return;
        }
        Path file = latest.get().file();
        Checkpoint checkpoint = latest.get().checkpoint();
        OptionsCheck.check(file, checkpoint.options(), options);
        try (Scope scope = Scope.noGrad()) {
            Checkpoint.restore(file, tensors());
        }
        step = checkpoint.step();
        secondsBefore = checkpoint.seconds();
        optimizer.resume(step);
        ema.resume(step);
    }

    /** Writes a checkpoint and the averaged weights, and deletes old checkpoints. */
    void save(double seconds) {
        try (Scope scope = Scope.noGrad()) {
            new Checkpoint(step, seconds, OptionsCheck.describe(options)).write(checkpoints.file(step), tensors());
        }
        checkpoints.prune(options.keepCheckpoints());
        exportWeights();
    }

    private SortedMap<String, Tensor> tensors() {
        SortedMap<String, Tensor> all = new TreeMap<>();
        collect(all, "weights", parameters.values());
        collect(all, "ema", ema.average());
        optimizer.state().forEach((name, flat) -> collect(all, name, flat));
        objective.buffers().forEach((name, tensor) -> all.put("buffers/" + name, tensor));
        return all;
    }

    private void collect(Map<String, Tensor> all, String kind, Tensor flat) {
        parameters.split(flat).forEach((name, view) -> all.put(kind + "/" + name, view));
    }

    Path weightsFolder() {
        return options.outputFolder().resolve("weights");
    }

    /** One file a module, which {@code Layer.load} reads. */
    void exportWeights() {
        Map<String, String> metadata =
                Map.of("zoetrope.step", String.valueOf(step), "zoetrope.seed", String.valueOf(options.seed()));
        withAveragedWeights(() -> objective.modules().forEach((module, layer) -> {
            Map<String, Tensor> tensors = new TreeMap<>();
            layer.parameters().forEach((name, parameter) -> tensors.put(name, contiguous(parameter)));
            SafetensorsWriter.write(
                    weightsFolder().resolve(module + ".safetensors"), Checkpoint.contents(tensors), metadata);
        }));
    }

    private static Tensor contiguous(Parameter parameter) {
        return parameter.value().detach().contiguous();
    }

    /** Runs {@code body} without gradients, with the averaged weights in the modules. */
    void withAveragedWeights(Runnable body) {
        try (Scope scope = Scope.noGrad();
                Ema.Swap swap = ema.swapIn()) {
            body.run();
        }
    }

    /** Leaves the averaged weights in the modules for good: what a caller wants after the last step. */
    void keepAveragedWeights() {
        try (Scope scope = Scope.noGrad()) {
            parameters.values().copy_(ema.average());
        }
    }

    @Override
    public void close() {
        ema.close();
        optimizer.close();
        parameters.close();
    }
}
