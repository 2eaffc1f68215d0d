package dev.zoetrope.vidrd;

import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.CancellationSignal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * A process that makes a long video and can be killed: arguments model, target. Prints a line at every step and clip and at
 * the end, and waits for an answer to each, a byte on its standard input.
 */
final class LongVideoProcess {
    private LongVideoProcess() {}

    public static void main(String[] arguments) {
        try (VideoModel model = VideoModel.open(Path.of(arguments[0]))) {
            LongVideo.make(
                    model,
                    LongVideoTest.killed(),
                    Path.of(arguments[1]),
                    Map.of(),
                    new LongVideoListener() {
                        @Override
                        public void step(long done, long total) {
                            tell("step " + done);
                        }

                        @Override
                        public void clipFinished(int index, int clips, Path file) {
                            tell("clip " + index);
                        }
                    },
                    new CancellationSignal());
        }
        tell("done 0");
    }

    private static void tell(String line) {
        System.out.println(line);
        try {
            if (System.in.read() < 0) {
                throw new IllegalStateException("nobody listens");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
