package dev.zoetrope.diffusion.training;

import dev.zoetrope.data.HeldOutPrompts;
import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.media.ContactSheet;
import dev.zoetrope.media.Frame;
import dev.zoetrope.tensor.Scope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Sample sheets of a model folder during training: eight frames each of clips for captions that are never trained. */
final class SampleSheets {
    private static final int CLIPS = 8;
    private static final int STEPS = 20;

    private SampleSheets() {}

    static void write(Path modelFolder, TextToVideoPreset preset, Path samples, long step) {
        List<String> prompts = HeldOutPrompts.balanced(preset.grammar(), CLIPS, 1).stream()
                .map(HeldOutPrompts.Prompt::caption)
                .toList();
        TextToVideoOptions options = TextToVideoOptions.of(prompts)
                .steps(STEPS)
                .guidanceScale(preset.guidanceScale())
                .frames(preset.clips().frames())
                .fps(preset.clips().fps())
                .build();
        List<ContactSheet.Row> rows = new ArrayList<>();
        try (Scope scope = Scope.noGrad();
                VideoModel model = VideoModel.open(modelFolder)) {
            TextToVideo textToVideo = new TextToVideo(model);
            Tensor latents = textToVideo.generate(options);
            for (int i = 0; i < CLIPS; i++) {
                List<Frame> frames = new ArrayList<>();
                textToVideo.decode(latents, i, options, frames::add);
                rows.add(new ContactSheet.Row(prompts.get(i), frames));
            }
        }
        new ContactSheet(8, 1, false).write(samples.resolve(String.format("step-%06d.png", step)), rows, Map.of());
    }
}
