package dev.zoetrope.vidrd;

import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.CancellationSignal;
import java.nio.file.Path;
import java.util.Map;

/** A process that makes a long video and can be killed: arguments model, target. Prints a line at every step and clip. */
final class LongVideoProcess {
    private LongVideoProcess() {}

    public static void main(String[] arguments) {
        try (VideoModel model = VideoModel.open(Path.of(arguments[0]))) {
            LongVideo.make(
                    model,
                    LongVideoTest.options(5).loop(true).build(),
                    Path.of(arguments[1]),
                    Map.of(),
                    new LongVideoListener() {
                        @Override
                        public void step(long done, long total) {
                            System.out.println("step " + done);
                        }

                        @Override
                        public void clipFinished(int index, int clips, Path file) {
                            System.out.println("clip " + index);
                        }
                    },
                    new CancellationSignal());
        }
        System.out.println("done");
    }
}
