package dev.zoetrope.diffusion.experiment;

import dev.zoetrope.data.AttributeDetector;
import dev.zoetrope.data.Colour;
import dev.zoetrope.data.Grammar;
import dev.zoetrope.data.Labels;
import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.media.Frame;
import dev.zoetrope.tensor.Scope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * B4: how often the object has the colour of the prompt, with guidance 5 and 1, and with the empty prompt as control;
 * four colours, 16 samples each.
 */
public final class GuidanceAccuracy {
    private static final int SAMPLES = 16;
    private static final int STEPS = 20;

    private GuidanceAccuracy() {}

    public static Outcome run(VideoModel model) {
        double strong = accuracy(model, 5, true);
        double plain = accuracy(model, 1, true);
        double empty = accuracy(model, 1, false);
        return new Outcome(
                List.of(
                        "| guidance 5 | guidance 1 | empty prompt (control) | chance |",
                        "|---:|---:|---:|---:|",
                        String.format("| %.3f | %.3f | %.3f | 0.250 |", strong, plain, empty),
                        "Wanted: guidance 5 at least guidance 1 - 0.05, and at least 0.35 above the empty prompt."),
                strong >= plain - 0.05 && strong >= empty + 0.35);
    }

    private static double accuracy(VideoModel model, double guidance, boolean prompted) {
        TextToVideo textToVideo = new TextToVideo(model);
        AttributeDetector detector = AttributeDetector.create(Grammar.tiny());
        int right = 0;
        int total = 0;
        for (Colour colour : Grammar.tiny().colours()) {
            String prompt = prompted
                    ? String.format("a %s square moves to the left over a black background", colour.word())
                    : "";
            TextToVideoOptions options = TextToVideoOptions.of(Collections.nCopies(SAMPLES, prompt))
                    .steps(STEPS)
                    .guidanceScale(guidance)
                    .seed(total)
                    .build();
            try (Scope scope = Scope.noGrad()) {
                Tensor latents = textToVideo.generate(options);
                for (int i = 0; i < SAMPLES; i++) {
                    List<Frame> frames = new ArrayList<>();
                    textToVideo.decode(latents, i, options, frames::add);
                    Labels seen = detector.detect(frames).labels();
                    right += seen.colour().equals(colour.word()) ? 1 : 0;
                    total++;
                }
            }
        }
        return (double) right / total;
    }
}
