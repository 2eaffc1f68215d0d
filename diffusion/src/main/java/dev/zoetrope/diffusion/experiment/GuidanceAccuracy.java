package dev.zoetrope.diffusion.experiment;

import dev.zoetrope.data.AttributeDetector;
import dev.zoetrope.data.Colour;
import dev.zoetrope.data.Grammar;
import dev.zoetrope.data.Labels;
import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.training.TextToVideoTraining;
import dev.zoetrope.diffusion.training.TextToVideoTrainingOptions;
import dev.zoetrope.diffusion.training.TextToVideoTrainingOptions.Start;
import dev.zoetrope.media.Frame;
import dev.zoetrope.tensor.Scope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * B4: how often the object has the colour of the prompt, with guidance 5 and 1; four colours, 16 samples each. Controls: the
 * empty prompt, and a U-Net that was trained on captions of other clips, beside one trained as shortly on their own.
 */
public final class GuidanceAccuracy {
    /** Of each of the two trainings, unless told otherwise; about ten minutes of one core. */
    public static final int TRAINING_STEPS = 1500;

    private static final int SAMPLES = 16;
    private static final int STEPS = 20;
    private static final int CLIPS = 1000;

    private GuidanceAccuracy() {}

    /**
     * Measures a model and trains the controls.
     *
     * @param model of the preset tiny
     * @param folder it was opened from: the controls take its autoencoder and text encoder
     * @param steps of each training
     * @param work folder of the trainings; those that are there are continued
     */
    public static Outcome run(VideoModel model, Path folder, int steps, Path work) {
        double strong = accuracy(model, 5, true);
        double plain = accuracy(model, 1, true);
        double empty = accuracy(model, 1, false);
        double own = trained(folder, false, steps, work.resolve("own"));
        double shuffled = trained(folder, true, steps, work.resolve("shuffled"));
        return new Outcome(
                List.of(
                        "| guidance 5 | guidance 1 | empty prompt (control) | own captions, short | shuffled captions (control) | chance |",
                        "|---:|---:|---:|---:|---:|---:|",
                        String.format(
                                Locale.ROOT,
                                "| %.3f | %.3f | %.3f | %.3f | %.3f | 0.250 |",
                                strong,
                                plain,
                                empty,
                                own,
                                shuffled),
                        "",
                        String.format(
                                Locale.ROOT,
                                "Wanted: guidance 5 at least guidance 1 - 0.05, and at least 0.35 above the empty prompt;"
                                        + " after %d steps on shuffled captions at most 0.45.",
                                steps)),
                strong >= plain - 0.05 && strong >= empty + 0.35 && shuffled <= 0.45);
    }

    /** Accuracy at guidance 5 of a new U-Net after a short training. */
    private static double trained(Path start, boolean shuffled, int steps, Path output) {
        TextToVideoTrainingOptions tiny = TextToVideoTrainingOptions.tiny(output);
        TextToVideoTrainingOptions options = new TextToVideoTrainingOptions(
                tiny.preset(),
                output,
                tiny.seed(),
                Optional.of(new Start(start, false)),
                Optional.empty(),
                shuffled,
                tiny.autoencoderSteps(),
                tiny.autoencoderBatch(),
                tiny.textEncoderSteps(),
                steps,
                tiny.denoiserBatch(),
                CLIPS,
                tiny.motionCode(),
                tiny.recompute(),
                Optional.empty());
        try (VideoModel model = VideoModel.open(TextToVideoTraining.run(options, progress -> {}))) {
            return accuracy(model, 5, true);
        }
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
