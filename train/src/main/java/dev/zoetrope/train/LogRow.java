package dev.zoetrope.train;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;

/**
 * One line of log.jsonl. Loss, gradient norm and metrics are means over the steps since the row before.
 *
 * @param step completed steps
 * @param time wall-clock seconds since 1970
 * @param seconds wall-clock time of training so far, all runs together
 * @param loss mean loss
 * @param learningRate of the last step
 * @param gradientNorm before clipping
 * @param examplesPerSecond without samples and checkpoints
 * @param metrics what the objective logged, by name
 */
record LogRow(
        @JsonProperty("step") long step,
        @JsonProperty("time") double time,
        @JsonProperty("seconds") double seconds,
        @JsonProperty("loss") double loss,
        @JsonProperty("lr") double learningRate,
        @JsonProperty("grad_norm") double gradientNorm,
        @JsonProperty("examples_per_second") double examplesPerSecond,
        @JsonProperty("metrics") SortedMap<String, Double> metrics) {
    /** The values by TensorBoard tag. */
    @JsonIgnore
    Map<String, Double> scalars() {
        Map<String, Double> scalars = new LinkedHashMap<>();
        scalars.put("train/loss", loss);
        scalars.put("train/learning_rate", learningRate);
        scalars.put("train/gradient_norm", gradientNorm);
        scalars.put("train/examples_per_second", examplesPerSecond);
        metrics.forEach((name, value) -> scalars.put("metrics/" + name, value));
        return scalars;
    }
}
