package dev.zoetrope.train;

import dev.zoetrope.tensor.AtomicFiles;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Tensors;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.LongConsumer;
import org.bytedeco.pytorch.Tensor;

/** Fits the sine of the sum of three numbers; calls {@code before} with the step index before each loss. */
record ToyObjective(ToyNet net, LongConsumer before, Map<String, Tensor> buffers) implements Objective {
    ToyObjective(long seed) {
        this(seed, step -> {});
    }

    ToyObjective(long seed, LongConsumer before) {
        this(ToyNet.initialised(seed), before, Map.of());
    }

    @Override
    public Map<String, Layer> modules() {
        return Map.of("net", net);
    }

    @Override
    public Tensor loss(StepContext step) {
        before.accept(step.step());
        Tensor x = step.generator().normal(step.batchSize(), 3);
        step.log("first", x.select(0, 0).select(0, 0));
        return Ops.meanSquare(net.forward(x), x.sum(new long[] {1}).sin().unsqueeze(1));
    }

    @Override
    public void sample(Path folder, long step) {
        float value = Tensors.toFloats(net.forward(Tensors.full(0.1, 1, 3)))[0];
        AtomicFiles.writeString(folder.resolve("step-" + step + ".txt"), String.valueOf(value));
    }

    /** All values of the net, one after the other. */
    float[] weights() {
        return Tensors.toFloats(Ops.cat(
                0,
                net.parameters().values().stream()
                        .map(parameter -> parameter.value().detach().reshape(-1))
                        .toList()));
    }
}
