package dev.zoetrope.metrics.video;

import dev.zoetrope.media.Clip;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.metrics.MsSsim;
import dev.zoetrope.metrics.Picture;
import dev.zoetrope.metrics.Psnr;
import dev.zoetrope.metrics.Ssim;
import dev.zoetrope.metrics.SsimOptions;
import dev.zoetrope.metrics.network.Lpips;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Sha256;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Videos beside their references of the same file name, frame by frame; one frame of each is held at a time. */
final class PairComparison implements AutoCloseable {
    private final VideoSetOptions options;
    private final Set<Measure> measures;
    private final SsimOptions ssim = SsimOptions.standard(255);
    private final Optional<Lpips> lpips;
    private final SortedMap<String, List<Double>> videos = new TreeMap<>();
    private long frames;
    private long capped;

    PairComparison(VideoSetOptions options) {
        this.options = options;
        this.measures = options.measures();
        this.lpips = measures.contains(Measure.LPIPS)
                ? Optional.of(Lpips.load(
                        options.lpipsNet(),
                        options.lpipsTrunk().orElseThrow(),
                        options.lpipsHeads().orElseThrow()))
                : Optional.empty();
    }

    /**
     * Adds a video.
     *
     * @throws ZoetropeException BAD_INPUT if there is no reference, or sizes or frame counts differ
     */
    void add(Path test) {
        Path reference = options.real().resolve(String.valueOf(test.getFileName()));
        if (!Files.isRegularFile(reference)) {
            throw ZoetropeException.badInput(
                    "%s has no reference: %s does not exist; pairs need the same file names", test, reference);
        }
        SortedMap<String, Double> sums = new TreeMap<>();
        Psnr psnr = new Psnr(255);
        int count = 0;
        try (VideoReader ours = VideoReader.open(test);
                VideoReader theirs = VideoReader.open(reference)) {
            while (true) {
                Optional<Frame> frame = ours.read();
                Optional<Frame> expected = theirs.read();
                if (frame.isPresent() != expected.isPresent()) {
                    throw ZoetropeException.badInput(
                            "%s and %s have different numbers of frames: one ends after %d; cut them to the same length",
                            test, reference, count);
                }
                if (frame.isEmpty()) {
                    break;
                }
                compare(expected.orElseThrow(), frame.get(), psnr, sums);
                count++;
            }
        } catch (ZoetropeException e) {
            throw new ZoetropeException(e.code(), test + ": " + e.getMessage(), e);
        }
        finish(test, psnr, sums, count);
    }

    private void compare(Frame expected, Frame frame, Psnr psnr, SortedMap<String, Double> sums) {
        Picture x = Picture.of(expected);
        Picture y = Picture.of(frame);
        if (measures.contains(Measure.PSNR)) {
            psnr.add(x, y);
        }
        if (measures.contains(Measure.SSIM)) {
            sums.merge("ssim", Ssim.of(x, y, ssim), Double::sum);
        }
        if (measures.contains(Measure.MS_SSIM)) {
            sums.merge("ms_ssim", MsSsim.of(x, y, ssim), Double::sum);
        }
        lpips.ifPresent(network -> sums.merge(lpipsName(), distance(network, expected, frame), Double::sum));
    }

    private String lpipsName() {
        return "lpips_" + options.lpipsNet().name().toLowerCase(java.util.Locale.ROOT);
    }

    private static double distance(Lpips network, Frame expected, Frame frame) {
        try (Scope scope = Scope.noGrad();
                Clip x = Clip.of(List.of(expected), 1);
                Clip y = Clip.of(List.of(frame), 1)) {
            return Tensors.item(network.distance(x.tensor(), y.tensor(), Lpips.Request.ofUnitRange()));
        }
    }

    private void finish(Path test, Psnr psnr, SortedMap<String, Double> sums, int count) {
        if (count == 0) {
            throw ZoetropeException.badInput("%s has no frames", test);
        }
        frames += count;
        if (measures.contains(Measure.PSNR)) {
            capped += psnr.capped();
            put("psnr_frame_mean", psnr.frameMean());
            put("psnr_pooled", Math.min(Psnr.CAP, psnr.pooled()));
        }
        sums.forEach((name, sum) -> put(name, sum / count));
    }

    private void put(String name, double value) {
        videos.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
    }

    /** What the reader should know. */
    List<String> notes() {
        return capped == 0
                ? List.of()
                : List.of(
                        "%d of %d frames differ from their reference by nothing, or nearly; each counts %.0f dB in psnr_frame_mean"
                                .formatted(capped, frames, Psnr.CAP));
    }

    List<MetricResult> results() {
        List<MetricResult> results = new ArrayList<>();
        videos.forEach((name, values) -> {
            SortedMap<String, String> protocol = new TreeMap<>();
            protocol.put("videos", String.valueOf(values.size()));
            protocol.put("frames_total", String.valueOf(frames));
            protocol.put("quantise", "8-bit frames as decoded, all frames, RGB");
            protocol.put("convention", convention(name));
            String better = name.startsWith("lpips") ? "lower" : "higher";
            results.add(new MetricResult(
                    name,
                    PerVideoMeasure.mean(values),
                    PerVideoMeasure.deviation(values),
                    Double.NaN,
                    "per_video_mean",
                    better,
                    protocol,
                    options.resampling().map(resampling -> resampling.ofMean(values))));
        });
        return results;
    }

    private String convention(String name) {
        return switch (name) {
            case "psnr_frame_mean" -> "mean over frames, each at most 100 dB, then over videos";
            case "psnr_pooled" -> "from the mean squared error of a video, at most 100 dB, then mean over videos";
            case "ssim" -> "Gaussian 11 sigma 1.5, valid, population variance, mean over channels, frames, videos";
            case "ms_ssim" -> "5 scales, Gaussian 11 sigma 1.5, valid, mean over channels, frames, videos";
            default ->
                "version 0.1, trunk " + Sha256.of(options.lpipsTrunk().orElseThrow()) + ", heads "
                        + Sha256.of(options.lpipsHeads().orElseThrow());
        };
    }

    @Override
    public void close() {
        lpips.ifPresent(Lpips::close);
    }
}
