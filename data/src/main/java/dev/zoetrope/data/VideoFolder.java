package dev.zoetrope.data;

import dev.zoetrope.data.FolderIndex.Entry;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.Resize;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Clips from a folder of real videos, with captions from text files of the same name or from {@code metadata.jsonl}
 * (lines of {@code {"file": "a.mp4", "caption": "..."}}). Without captions the caption is empty.
 *
 * <p>Each epoch shows every video once, in an order drawn by the seed; the piece, the crop and the flip of a clip are
 * drawn by (seed, index) and are the same for all of its frames. Videos are read anew for every clip, up to the end of
 * the piece: memory does not grow with the folder, but long videos should be cut up first. Safe for use by many threads.
 */
public final class VideoFolder implements ClipSource<FolderClip> {
    private final VideoFolderOptions options;
    private final List<Video> videos;
    private final List<String> skipped;

    /** A video that is long enough, and about how many frames it has. */
    private record Video(Entry entry, long frames) {}

    private VideoFolder(VideoFolderOptions options, List<Video> videos, List<String> skipped) {
        this.options = options;
        this.videos = List.copyOf(videos);
        this.skipped = List.copyOf(skipped);
    }

    /**
     * Lists the folder and reads the beginning of each video. Those that cannot be read or are too short for a clip are
     * left out and named by {@link #skipped()}.
     *
     * @throws ZoetropeException BAD_INPUT if no video is left or the metadata is wrong, IO if the folder cannot be read
     */
    public static VideoFolder open(Path folder, VideoFolderOptions options) {
        var videos = new ArrayList<Video>();
        var skipped = new ArrayList<String>();
        for (Entry entry : FolderIndex.read(folder)) {
            try {
                videos.add(probe(entry, options.span()));
            } catch (ZoetropeException e) {
                skipped.add(entry.file() + ": " + e.getMessage());
            }
        }
        if (videos.isEmpty()) {
            throw ZoetropeException.badInput(
                    "%s has no video of %d frames or more%s",
                    folder, options.span(), skipped.isEmpty() ? "" : "; the first left out: " + skipped.get(0));
        }
        return new VideoFolder(options, videos, skipped);
    }

    private static Video probe(Entry entry, int span) {
        try (VideoReader reader = VideoReader.open(entry.file())) {
            int frames = 0;
            while (frames < span && reader.read().isPresent()) {
                frames++;
            }
            if (frames < span) {
                throw ZoetropeException.badInput("has %d frames, a clip spans %d", frames, span);
            }
            double stated = reader.info().durationSeconds() * reader.info().framesPerSecond();
            return new Video(entry, Math.max(span, (long) Math.min(stated, 1e9)));
        }
    }

    @Override
    public ClipSpec spec() {
        return options.spec();
    }

    /** Number of videos in use. */
    public int size() {
        return videos.size();
    }

    /** Videos left out, each with the reason. */
    public List<String> skipped() {
        return skipped;
    }

    /**
     * The clip at an index.
     *
     * @throws ZoetropeException if the video has become unreadable
     */
    @Override
    public FolderClip clip(long index) {
        Video video = videos.get(order(index / videos.size()).get((int) (index % videos.size())));
        var random = new ClipRandom(options.seed(), index);
        long start = (long) (random.nextDouble() * (video.frames() - options.span() + 1));
        var crop = new Crop(options, random);
        Deque<Frame> window = new ArrayDeque<>();
        long read = 0;
        try (VideoReader reader = VideoReader.open(video.entry().file())) {
            // If the file ends earlier than it states, the window holds its last frames: they are taken.
            while (read < start + options.span()) {
                Optional<Frame> frame = reader.read();
                if (frame.isEmpty()) {
                    break;
                }
                window.add(crop.apply(frame.get()));
                if (window.size() > options.span()) {
                    window.remove();
                }
                read++;
            }
        }
        if (window.size() < options.span()) {
            throw ZoetropeException.badInput(
                    "%s has become shorter: %d frames, a clip spans %d",
                    video.entry().file(), window.size(), options.span());
        }
        return new FolderClip(
                spec(),
                video.entry().file(),
                read - options.span(),
                video.entry().caption(),
                everyStride(window));
    }

    private byte[][] everyStride(Deque<Frame> window) {
        var frames = new byte[spec().frames()][];
        int at = 0;
        for (Frame frame : window) {
            if (at % options.stride() == 0) {
                frames[at / options.stride()] = frame.rgb();
            }
            at++;
        }
        return frames;
    }

    /** The order of the videos in an epoch. */
    private List<Integer> order(long epoch) {
        var order = new ArrayList<Integer>();
        for (int i = 0; i < videos.size(); i++) {
            order.add(i);
        }
        new ClipRandom(~options.seed(), epoch).shuffle(order);
        return order;
    }

    /** The same cut for all frames of a clip. */
    private static final class Crop {
        private final ClipSpec spec;
        private final double x;
        private final double y;
        private final boolean mirror;

        Crop(VideoFolderOptions options, ClipRandom random) {
            this.spec = options.spec();
            double anyX = random.nextDouble();
            double anyY = random.nextDouble();
            this.x = options.randomCrop() ? anyX : 0.5;
            this.y = options.randomCrop() ? anyY : 0.5;
            this.mirror = random.chance(0.5) && options.flip();
        }

        Frame apply(Frame frame) {
            double scale = Math.max(spec.width() / (double) frame.width(), spec.height() / (double) frame.height());
            int width = (int) Math.max(1, Math.min(frame.width(), Math.round(spec.width() / scale)));
            int height = (int) Math.max(1, Math.min(frame.height(), Math.round(spec.height() / scale)));
            int left = (int) Math.round(x * (frame.width() - width));
            int top = (int) Math.round(y * (frame.height() - height));
            Frame cover = Resize.cover(Resize.crop(frame, left, top, width, height), spec.width(), spec.height());
            return mirror ? mirrored(cover) : cover;
        }

        private static Frame mirrored(Frame frame) {
            var rgb = new byte[frame.rgb().length];
            int pixels = frame.width() * frame.height();
            for (int p = 0; p < pixels; p++) {
                int column = p % frame.width();
                int from = p - column + frame.width() - 1 - column;
                System.arraycopy(frame.rgb(), 3 * from, rgb, 3 * p, 3);
            }
            return new Frame(frame.width(), frame.height(), rgb, frame.timeSeconds());
        }
    }
}
