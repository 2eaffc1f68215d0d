package dev.zoetrope.vidrd.experiment;

import dev.zoetrope.data.Split;
import dev.zoetrope.diffusion.experiment.Outcome;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.training.LatentCache;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.train.ProgressListener;
import dev.zoetrope.vidrd.training.FreezePolicy;
import dev.zoetrope.vidrd.training.TuningOptions;
import dev.zoetrope.vidrd.training.UNetTuning;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * E7: training an inflated image U-Net under the freeze policy leaves frozen tensors as they were and changes the others,
 * and denoises clips better than the image U-Net it came from, the control.
 */
public final class FreezeExperiment {
    private static final int HELD = 32;

    private FreezeExperiment() {}

    /**
     * @param options the model whose parts are used; {@code steps} for each of the two stages
     * @param clips training clips to encode
     */
    public static Outcome run(VideoModel model, TuningOptions options, int clips) {
        try (UNetTuning tuning = new UNetTuning(options, model, clips);
                LatentCache held = UNetTuning.encode(model, options, Split.HELD_OUT, HELD)) {
            tuning.trainImage(options.steps(), ProgressListener.silent());
            double image =
                    tuning.objective(tuning.image(), FreezePolicy.NONE, true).validate(held);
            tuning.inflate();
            Map<String, float[]> before = values(tuning.inflated());
            Map<String, float[]> around = values(model.autoencoder());
            around.putAll(values(model.textEncoder()));
            tuning.trainClips(options.steps(), ProgressListener.silent());
            double trained = tuning.objective(tuning.inflated(), FreezePolicy.UNET, false)
                    .validate(held);
            Map<String, float[]> aroundAfter = values(model.autoencoder());
            aroundAfter.putAll(values(model.textEncoder()));
            return outcome(
                    changes(before, values(tuning.inflated())), same(around, aroundAfter), trained, image, options);
        }
    }

    private static Map<String, float[]> values(Layer layer) {
        Map<String, float[]> values = new TreeMap<>();
        layer.parameters().forEach((name, parameter) -> values.put(name, Tensors.toFloats(parameter.value())));
        return values;
    }

    private static boolean same(Map<String, float[]> before, Map<String, float[]> after) {
        return before.entrySet().stream().allMatch(entry -> Arrays.equals(entry.getValue(), after.get(entry.getKey())));
    }

    /** Tensors and changed tensors of each kind. */
    private static Map<String, int[]> changes(Map<String, float[]> before, Map<String, float[]> after) {
        Map<String, int[]> counts = new LinkedHashMap<>();
        before.forEach((name, values) -> {
            int[] count = counts.computeIfAbsent(kind(name), ignored -> new int[2]);
            count[0]++;
            count[1] += Arrays.equals(values, after.get(name)) ? 0 : 1;
        });
        return counts;
    }

    private static String kind(String name) {
        if (name.contains(".temp_convs.")) {
            return "Temp-Conv";
        }
        if (name.contains(".temp_attn.") || name.contains(".temp_norm.")) {
            return "Temp-Attn";
        }
        return name.contains(".attentions.") ? "transformers" : "ResNet and the rest";
    }

    private static Outcome outcome(
            Map<String, int[]> changes, boolean aroundSame, double trained, double image, TuningOptions options) {
        StringBuilder kinds = new StringBuilder();
        boolean policy = aroundSame;
        for (Map.Entry<String, int[]> entry : changes.entrySet()) {
            int[] count = entry.getValue();
            kinds.append(String.format(" %s %d of %d;", entry.getKey(), count[1], count[0]));
            policy &= count[1] == (entry.getKey().startsWith("ResNet") ? 0 : count[0]);
        }
        return new Outcome(
                List.of(
                        "Changed tensors after " + options.steps() + " steps:" + kinds
                                + (aroundSame
                                        ? " autoencoder and text encoder none."
                                        : " autoencoder or text encoder: some."),
                        "",
                        "| validation loss on clips, inflated and trained | image U-Net, per frame (control) | ratio |",
                        "|---:|---:|---:|",
                        String.format("| %.4f | %.4f | %.3f |", trained, image, trained / image),
                        "Wanted: frozen tensors bitwise the same, all others changed, a ratio of at most 0.9."),
                policy && trained <= 0.9 * image);
    }
}
