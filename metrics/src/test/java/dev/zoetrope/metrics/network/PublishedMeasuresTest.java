package dev.zoetrope.metrics.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zoetrope.media.VideoOptions;
import dev.zoetrope.media.VideoWriter;
import dev.zoetrope.metrics.Orbit;
import dev.zoetrope.metrics.video.Measure;
import dev.zoetrope.metrics.video.MetricResult;
import dev.zoetrope.metrics.video.VideoSetComparison;
import dev.zoetrope.metrics.video.VideoSetOptions;
import dev.zoetrope.tensor.Layer;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The measures that need weight files, end to end, with random weights under the published names. */
class PublishedMeasuresTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void write() {
        for (int i = 0; i < 2; i++) {
            video("real/" + i + ".apng", i);
            video("fake/" + i + ".apng", 50 + i);
        }
    }

    @Test
    void fvdAndLpips() {
        Path i3d = save("i3d", I3d.random(false, 1));
        Lpips lpips = new Lpips(Lpips.Net.SQUEEZE, Lpips.Net.SQUEEZE.widths());
        lpips.initialise(1);
        Path both = FeatureNetworksTest.save(
                lpips,
                folder.resolve("lpips.safetensors"),
                name -> name.startsWith("trunk.") ? name.substring("trunk.".length()) : name);
        lpips.close();
        List<MetricResult> results = run(builder(9, Measure.FVD, Measure.LPIPS)
                .i3d(i3d)
                .lpips(Lpips.Net.SQUEEZE, both, both)
                .build());
        assertThat(results).extracting(MetricResult::metric).containsExactly("fvd", "lpips_squeeze");
        assertThat(find(results, "fvd").protocol())
                .containsEntry("covariance", "1/n")
                .containsEntry("samples_real", "2");
        assertThat(find(results, "lpips_squeeze").value()).isPositive();
    }

    @Test
    void fidAndKid() {
        Path inception = save("inception", InceptionV3.random(1));
        List<MetricResult> results =
                run(builder(2, Measure.FID, Measure.KID).inception(inception).build());
        assertThat(results).extracting(MetricResult::metric).containsExactly("fid", "kid");
        assertThat(find(results, "fid").protocol())
                .containsEntry("covariance", "1/(n-1)")
                .containsEntry("samples_real", "4");
    }

    private VideoSetOptions.Builder builder(int frames, Measure... measures) {
        return VideoSetOptions.builder(folder.resolve("real"), folder.resolve("fake"))
                .measures(Set.of(measures))
                .frames(frames);
    }

    private static List<MetricResult> run(VideoSetOptions options) {
        List<MetricResult> results =
                VideoSetComparison.run(options, (done, total) -> {}).results();
        assertThat(results).allSatisfy(result -> assertThat(result.value()).isFinite());
        return results;
    }

    private static MetricResult find(List<MetricResult> results, String metric) {
        return results.stream()
                .filter(result -> result.metric().equals(metric))
                .findFirst()
                .orElseThrow();
    }

    private void video(String name, int index) {
        try (VideoWriter writer = VideoWriter.open(folder.resolve(name), VideoOptions.of(8))) {
            Orbit.clip(index, 9, 1).forEach(writer::write);
            writer.finish();
        }
    }

    private Path save(String name, Layer layer) {
        Path file = FeatureNetworksTest.save(layer, folder.resolve(name + ".safetensors"), Function.identity());
        layer.close();
        return file;
    }
}
