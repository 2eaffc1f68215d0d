package dev.zoetrope.examples;

import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.media.Clip;
import dev.zoetrope.media.VideoOptions;
import dev.zoetrope.media.VideoWriter;
import java.nio.file.Path;

/** From a sentence to a video file: {@code HelloZoetrope MODEL-FOLDER PROMPT OUT.mp4 [STEPS]}. */
public final class HelloZoetrope {
    private HelloZoetrope() {}

    public static void main(String[] args) {
        int steps = args.length > 3 ? Integer.parseInt(args[3]) : 30;
        TextToVideoOptions options =
                TextToVideoOptions.of(args[1]).steps(steps).seed(7).build();
        VideoOptions file = VideoOptions.builder()
                .framesPerSecond(options.fps())
                .metadata("prompt", args[1])
                .build();
        try (VideoModel model = VideoModel.open(Path.of(args[0]));
                Clip clip = new TextToVideo(model).generateClip(options);
                VideoWriter writer = VideoWriter.open(Path.of(args[2]), file)) {
            clip.frames().forEach(writer::write);
            writer.finish();
        }
    }
}
