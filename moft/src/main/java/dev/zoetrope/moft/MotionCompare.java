package dev.zoetrope.moft;

import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.CancellationSignal;
import dev.zoetrope.media.ContactSheet;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.VideoOptions;
import dev.zoetrope.media.VideoWriter;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** Where in a clip something moves like a point of another clip: heat maps over its frames. */
public final class MotionCompare {
    private MotionCompare() {}

    /**
     * @param reading how clips are read
     * @param source clip with the point
     * @param x of the point, pixels of the clip as it is read
     * @param y downwards
     * @param target clip to search; may be the source
     * @param profile whose horizontal and vertical channels are compared; empty: all channels
     * @param allFrames frame by frame; otherwise frame 0 alone
     * @param output folder
     */
    public record Options(
            ReadingOptions reading,
            Path source,
            int x,
            int y,
            Path target,
            Optional<MotionProfile> profile,
            boolean allFrames,
            Path output) {
        /** @throws ZoetropeException BAD_INPUT for a negative place */
        public Options {
            if (x < 0 || y < 0) {
                throw ZoetropeException.badInput("point (%d, %d): expected pixels from the top left corner", x, y);
            }
        }
    }

    /**
     * What was found.
     *
     * @param max greatest cosine
     * @param x of it in the target, pixels
     * @param frame of it
     */
    public record Report(double max, double mean, int x, int y, int frame, List<Path> files) {}

    /** Compares, draws, writes. */
    public static Report run(VideoModel model, Options options, MotionProgress progress, CancellationSignal cancel) {
        MotionSession session = new MotionSession(model, options.reading(), cancel);
        if (options.x() >= session.width || options.y() >= session.height) {
            throw ZoetropeException.badInput(
                    "point (%d, %d) is outside the %dx%d picture",
                    options.x(), options.y(), session.width, session.height);
        }
        try (Scope scope = Scope.noGrad()) {
            List<Frame> source = session.read(options.source());
            List<Frame> target = session.read(options.target());
            Tensor from = motion(options, session.features(source), session);
            progress.progress(1, 2, "reading clips");
            Tensor to = motion(options, session.features(target), session);
            progress.progress(2, 2, "reading clips");
            return draw(options, session, from, to, source, target);
        }
    }

    /** Chosen channels at the size of the picture, [F',d,H,W]. */
    private static Tensor motion(Options options, Tensor features, MotionSession session) {
        Tensor moft = Moft.removeContent(features);
        long[] channels = options.profile()
                .map(profile -> {
                    profile.info().check(session.info(features), "the profile", false);
                    return profile.axes().values().stream()
                            .flatMapToLong(axis -> java.util.Arrays.stream(axis.channels()))
                            .distinct()
                            .toArray();
                })
                .orElseGet(() ->
                        java.util.stream.LongStream.range(0, features.size(2)).toArray());
        Tensor chosen = Moft.choose(moft, Tensors.of(channels, channels.length));
        Tensor wanted = options.allFrames() ? chosen : Moft.frames(chosen, 0, 1);
        return Moft.resize(wanted, session.height, session.width).select(0, 0);
    }

    private static Report draw(
            Options options, MotionSession session, Tensor from, Tensor to, List<Frame> source, List<Frame> target) {
        List<SimilarityMap> maps = new ArrayList<>();
        double mean = 0;
        double low = 1;
        double max = -1;
        int frame = 0;
        for (int f = 0; f < to.size(0); f++) {
            Tensor vector = from.select(0, f).select(1, options.y()).select(1, options.x());
            SimilarityMap map = SimilarityMap.of(vector, Ops.slice(to, 0, f, f + 1L));
            maps.add(map);
            mean += map.mean() / to.size(0);
            low = Math.min(low, map.min());
            if (map.max() > max) {
                max = map.max();
                frame = f;
            }
        }
        List<Frame> overlaid = new ArrayList<>();
        List<Frame> points = new ArrayList<>();
        for (int f = 0; f < maps.size(); f++) {
            overlaid.add(HeatMap.overlay(target.get(f), maps.get(f).values(), low, max));
            points.add(HeatMap.cross(source.get(f), options.x(), options.y()));
        }
        Path sheet = options.output().resolve("similarity.png");
        new ContactSheet(8, 1, true)
                .write(
                        sheet,
                        List.of(
                                new ContactSheet.Row("source and point", points),
                                new ContactSheet.Row("cosine in the target", overlaid)),
                        Map.of());
        List<Path> files = new ArrayList<>(List.of(sheet));
        if (options.allFrames()) {
            Path video = options.output().resolve("similarity.mp4");
            try (VideoWriter writer = VideoWriter.open(video, VideoOptions.of(8))) {
                overlaid.forEach(writer::write);
                writer.finish();
            }
            files.add(video);
        }
        int best = maps.get(frame).argMax();
        return new Report(max, mean, best % session.width, best / session.width, frame, files);
    }
}
