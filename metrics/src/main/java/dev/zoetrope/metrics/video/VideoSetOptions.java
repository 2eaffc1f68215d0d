package dev.zoetrope.metrics.video;

import dev.zoetrope.metrics.Bootstrap;
import dev.zoetrope.metrics.network.Lpips;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What to compare and how; checked when it is built.
 *
 * @param real folder of real, or reference, videos, or a file of their statistics
 * @param fake folder of generated, or coded, videos
 * @param measures what to compute; default {@code proxy}, {@code flicker}, {@code motion}
 * @param frames frames of the window taken from each video, 2 to 1024; default 16
 * @param stride every how manieth frame, 1 to 64; default 1
 * @param limit most videos of each folder, the first by name, 2 to 1,000,000; default 2048
 * @param size side in pixels that windows are cropped and resized to, 16 to 2048, or 0 to keep the size, which must then be
 *     the same everywhere; default 0
 * @param splits splits of the inception score, 1 to 1000; default 1
 * @param bootstrap re-samples of the videos for an interval of each value, 100 to 100,000, or 0 for none; keeps the features
 *     of all videos; default 0
 * @param seed of the windows, of the proxy networks and of the re-sampling
 * @param saveStatistics file for the statistics of the real videos, which then serve in place of their folder; default none
 * @param i3d weights of FVD
 * @param inception weights of FID and KID
 * @param c3d weights of IS
 * @param lpipsTrunk torchvision weights of LPIPS
 * @param lpipsHeads linear heads of LPIPS
 * @param lpipsNet trunk of LPIPS; default ALEX
 */
public record VideoSetOptions(
        Path real,
        Path fake,
        Set<Measure> measures,
        int frames,
        int stride,
        int limit,
        int size,
        int splits,
        int bootstrap,
        long seed,
        Optional<Path> saveStatistics,
        Optional<Path> i3d,
        Optional<Path> inception,
        Optional<Path> c3d,
        Optional<Path> lpipsTrunk,
        Optional<Path> lpipsHeads,
        Lpips.Net lpipsNet) {
    /**
     * @throws ZoetropeException BAD_INPUT for a value out of range, a missing folder, or statistics that cannot serve; CHECKPOINT_MISMATCH if a measure
     *     needs weights that are not given
     */
    public VideoSetOptions {
        measures = Collections.unmodifiableSet(
                measures.isEmpty() ? EnumSet.noneOf(Measure.class) : EnumSet.copyOf(measures));
        range("frames", frames, 2, 1024);
        range("stride", stride, 1, 64);
        range("limit", limit, 2, 1_000_000);
        range("splits", splits, 1, 1000);
        if (bootstrap != 0) {
            range("bootstrap", bootstrap, Bootstrap.MIN_REPLICATES, Bootstrap.MAX_REPLICATES);
        }
        if (size != 0) {
            range("size", size, 16, 2048);
        }
        if (measures.isEmpty()) {
            throw ZoetropeException.badInput("no measure is asked for; give at least one, such as proxy");
        }
        if (Files.isRegularFile(real)) {
            checkStatistics(real, measures, bootstrap, saveStatistics);
        } else {
            folder(real);
        }
        folder(fake);
        if (saveStatistics.isPresent()) {
            checkSaving(saveStatistics.get(), measures);
        }
        need(measures, Measure.FVD, i3d);
        need(measures, Measure.FID, inception);
        need(measures, Measure.KID, inception);
        need(measures, Measure.IS, c3d);
        need(measures, Measure.LPIPS, lpipsTrunk);
        need(measures, Measure.LPIPS, lpipsHeads);
        if (measures.contains(Measure.FVD) && frames < 9) {
            throw ZoetropeException.badInput(
                    "fvd needs clips of at least 9 frames, got %d; raise frames to 16", frames);
        }
        if (frames < 3 && (measures.contains(Measure.TURN) || measures.contains(Measure.SMOOTHNESS))) {
            throw ZoetropeException.badInput("turn and smoothness need clips of at least 3 frames, got %d", frames);
        }
        if (measures.contains(Measure.IS) && frames != 16) {
            throw ZoetropeException.badInput("is needs clips of 16 frames, got %d; set frames to 16", frames);
        }
    }

    private static void checkStatistics(Path file, Set<Measure> measures, int bootstrap, Optional<Path> save) {
        measures.stream().filter(Measure::needsRealVideos).findFirst().ifPresent(measure -> {
            throw ZoetropeException.badInput(
                    "%s needs the real videos themselves; give their folder in place of %s", measure.label(), file);
        });
        if (bootstrap > 0 || save.isPresent()) {
            throw ZoetropeException.badInput(
                    "%s needs the real videos themselves; give their folder in place of %s",
                    bootstrap > 0 ? "bootstrap" : "saving statistics", file);
        }
    }

    private static void checkSaving(Path file, Set<Measure> measures) {
        if (!file.toString().endsWith(RealStatistics.SUFFIX)) {
            throw ZoetropeException.badInput("statistics are a %s file, got %s", RealStatistics.SUFFIX, file);
        }
        if (measures.stream().noneMatch(Measure::saves)) {
            throw ZoetropeException.badInput(
                    "none of the measures keeps statistics of the real videos; add one, such as proxy");
        }
    }

    private static void range(String name, int value, int low, int high) {
        if (value < low || value > high) {
            throw ZoetropeException.badInput("%s is %d, expected %d to %d", name, value, low, high);
        }
    }

    private static void folder(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw ZoetropeException.badInput("%s is not a folder; give a folder of videos", folder);
        }
    }

    private static void need(Set<Measure> measures, Measure measure, Optional<Path> file) {
        if (measures.contains(measure) && file.isEmpty()) {
            throw measure.unavailable();
        }
        if (measures.contains(measure) && !Files.isRegularFile(file.orElseThrow())) {
            throw ZoetropeException.badInput(
                    "%s: there is no such file; %s needs %s", file.orElseThrow(), measure.label(), measure.needs());
        }
    }

    /** Frames from the first of a window to the one after its last. */
    int span() {
        return Math.multiplyExact(frames, stride);
    }

    /** Whether statistics stand in for the real videos. */
    boolean fromStatistics() {
        return Files.isRegularFile(real);
    }

    /** The re-sampling, if asked for. */
    Optional<Bootstrap> resampling() {
        return bootstrap == 0 ? Optional.empty() : Optional.of(new Bootstrap(bootstrap, seed));
    }

    /** Starts from the defaults. */
    public static Builder builder(Path real, Path fake) {
        return new Builder(real, fake);
    }

    /** Collects options; see the record for meaning, default and range. */
    public static final class Builder {
        private final Path real;
        private final Path fake;
        private Set<Measure> measures = EnumSet.of(Measure.PROXY, Measure.FLICKER, Measure.MOTION);
        private int frames = 16;
        private int stride = 1;
        private int limit = 2048;
        private int size;
        private int splits = 1;
        private int bootstrap;
        private long seed;
        private Optional<Path> saveStatistics = Optional.empty();
        private Optional<Path> i3d = Optional.empty();
        private Optional<Path> inception = Optional.empty();
        private Optional<Path> c3d = Optional.empty();
        private Optional<Path> lpipsTrunk = Optional.empty();
        private Optional<Path> lpipsHeads = Optional.empty();
        private Lpips.Net lpipsNet = Lpips.Net.ALEX;

        private Builder(Path real, Path fake) {
            this.real = real;
            this.fake = fake;
        }

        public Builder measures(Set<Measure> value) {
            measures = value;
            return this;
        }

        public Builder frames(int value) {
            frames = value;
            return this;
        }

        public Builder stride(int value) {
            stride = value;
            return this;
        }

        public Builder limit(int value) {
            limit = value;
            return this;
        }

        public Builder size(int value) {
            size = value;
            return this;
        }

        public Builder splits(int value) {
            splits = value;
            return this;
        }

        public Builder bootstrap(int value) {
            bootstrap = value;
            return this;
        }

        public Builder seed(long value) {
            seed = value;
            return this;
        }

        public Builder saveStatistics(Path file) {
            saveStatistics = Optional.of(file);
            return this;
        }

        public Builder i3d(Path file) {
            i3d = Optional.of(file);
            return this;
        }

        public Builder inception(Path file) {
            inception = Optional.of(file);
            return this;
        }

        public Builder c3d(Path file) {
            c3d = Optional.of(file);
            return this;
        }

        /** Both files of LPIPS. */
        public Builder lpips(Lpips.Net net, Path trunk, Path heads) {
            lpipsNet = net;
            lpipsTrunk = Optional.of(trunk);
            lpipsHeads = Optional.of(heads);
            return this;
        }

        /** Checks everything. */
        public VideoSetOptions build() {
            return new VideoSetOptions(
                    real,
                    fake,
                    measures,
                    frames,
                    stride,
                    limit,
                    size,
                    splits,
                    bootstrap,
                    seed,
                    saveStatistics,
                    i3d,
                    inception,
                    c3d,
                    lpipsTrunk,
                    lpipsHeads,
                    lpipsNet);
        }
    }
}
