package dev.zoetrope.moft;

import dev.zoetrope.data.CaptionedClip;
import dev.zoetrope.data.CaptionedClips;
import dev.zoetrope.data.ClipSpec;
import dev.zoetrope.data.Grammar;
import dev.zoetrope.data.Motion;
import dev.zoetrope.data.Split;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.CancellationSignal;
import dev.zoetrope.media.Frame;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/** Fits the motion profile of a model: which channels move with the content, how far, and which way. */
public final class MotionFit {
    /** Clips that are looked through for one that moves a given way. */
    private static final int MOST_DRAWN = 10_000;

    private MotionFit() {}

    /**
     * @param reading how clips are read
     * @param clips folder with {@code right/}, {@code left/} and, for the vertical axis, {@code up/} and {@code down/}, clips
     *     in each, as {@link MotionPans} makes them; empty: clips made to order, in which an object moves
     * @param perDirection clips made to order for each direction, 1 to 100; default 24: where things are in so few clips
     *     is in the traces, too, and averages out
     * @param extent what of a frame is averaged; default the centre for clips of a folder, all of it for clips made to order
     * @param channels d, at least 1; default by {@code share}
     * @param share of the tap's channels, above 0 to 1; default 0.04, at least 6 channels
     */
    public record Options(
            ReadingOptions reading,
            Optional<Path> clips,
            int perDirection,
            Optional<Extent> extent,
            OptionalInt channels,
            double share) {
        /** Clips made to order. */
        public static final Options DEFAULTS =
                new Options(ReadingOptions.DEFAULTS, Optional.empty(), 24, Optional.empty(), OptionalInt.empty(), 0.04);

        /** @throws ZoetropeException BAD_INPUT naming the option that cannot be */
        public Options {
            if (perDirection < 1 || perDirection > 100) {
                throw ZoetropeException.badInput("clips per direction: %d, expected 1 to 100", perDirection);
            }
            if (channels.orElse(1) < 1) {
                throw ZoetropeException.badInput("motion channels: %d, expected at least 1", channels.getAsInt());
            }
            ProfileFitter.share(share, 1);
        }

        /** The same with clips of a folder. */
        public Options withClips(Path folder) {
            return new Options(reading, Optional.of(folder), perDirection, extent, channels, share);
        }
    }

    /**
     * Reads the clips and fits.
     *
     * @throws ZoetropeException BAD_INPUT for options the model cannot do or clips that do not fit, CANCELLED
     */
    public static MotionProfile run(
            VideoModel model, Options options, MotionProgress progress, CancellationSignal cancel) {
        MotionSession session = new MotionSession(model, options.reading(), cancel);
        Map<Heading, List<List<Frame>>> clips = options.clips().isPresent()
                ? ofFolder(session, options.clips().get())
                : madeToOrder(session, options.perDirection());
        try (ProfileFitter fitter = read(session, options, clips, progress)) {
            return fitter.fit();
        }
    }

    private static ProfileFitter read(
            MotionSession session, Options options, Map<Heading, List<List<Frame>>> clips, MotionProgress progress) {
        int total = clips.values().stream().mapToInt(List::size).sum();
        int done = 0;
        ProfileFitter fitter = null;
        for (Map.Entry<Heading, List<List<Frame>>> entry : clips.entrySet()) {
            for (List<Frame> clip : entry.getValue()) {
                try (Scope scope = Scope.noGrad()) {
                    Tensor features = session.features(clip);
                    if (fitter == null) {
                        int all = Math.toIntExact(features.size(2));
                        int count = options.channels().orElse(ProfileFitter.share(options.share(), all));
                        fitter = new ProfileFitter(session.info(features).over(extent(options)), count);
                    }
                    fitter.add(entry.getKey(), features);
                }
                progress.progress(++done, total, "reading clips");
            }
        }
        if (fitter == null) {
            throw ZoetropeException.badInput("there are no clips to fit a profile to");
        }
        return fitter;
    }

    private static Extent extent(Options options) {
        return options.extent().orElse(options.clips().isPresent() ? Extent.CENTRE : Extent.FRAME);
    }

    private static Map<Heading, List<List<Frame>>> ofFolder(MotionSession session, Path folder) {
        Map<Heading, List<List<Frame>>> clips = new EnumMap<>(Heading.class);
        for (Heading heading : Heading.values()) {
            Path sub = folder.resolve(heading.word());
            if (Files.isDirectory(sub) && heading != Heading.STILL) {
                List<List<Frame>> mine = new ArrayList<>();
                for (Path file : list(sub)) {
                    mine.add(session.read(file));
                }
                clips.put(heading, mine);
            }
        }
        if (!clips.containsKey(Heading.RIGHT) || !clips.containsKey(Heading.LEFT)) {
            throw ZoetropeException.badInput(
                    "%s: expected folders right/ and left/ with clips (and up/ and down/ for the vertical axis), as"
                            + " \"motion pans\" makes them",
                    folder);
        }
        return clips;
    }

    private static List<Path> list(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> !String.valueOf(file.getFileName()).startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot list %s: %s", folder, e.getMessage());
        }
    }

    private static Map<Heading, List<List<Frame>>> madeToOrder(MotionSession session, int perDirection) {
        CaptionedClips maker = CaptionedClips.create(
                ClipSpec.of(session.width, session.height, session.frames, 8), Grammar.tiny(), Split.TRAIN, 77);
        Map<Heading, List<List<Frame>>> clips = new EnumMap<>(Heading.class);
        int wanted = 4 * perDirection;
        for (int i = 0; i < MOST_DRAWN && wanted > 0; i++) {
            CaptionedClip clip = maker.clip(i);
            Motion motion = clip.attributes().motion();
            if (motion.isAxisAligned()) {
                List<List<Frame>> mine =
                        clips.computeIfAbsent(Heading.valueOf(motion.name()), heading -> new ArrayList<>());
                if (mine.size() < perDirection) {
                    mine.add(frames(clip));
                    wanted--;
                }
            }
        }
        return clips;
    }

    static List<Frame> frames(CaptionedClip clip) {
        List<Frame> frames = new ArrayList<>();
        for (byte[] rgb : clip.frames()) {
            frames.add(new Frame(clip.spec().width(), clip.spec().height(), rgb, 0));
        }
        return frames;
    }
}
