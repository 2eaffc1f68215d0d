package dev.zoetrope.cli;

import dev.zoetrope.diffusion.parity.AutoencoderParity;
import dev.zoetrope.diffusion.parity.PipelineParity;
import dev.zoetrope.diffusion.parity.UNetParity;
import dev.zoetrope.diffusion.scheduler.SchedulerParity;
import dev.zoetrope.diffusion.text.ClipTextParity;
import dev.zoetrope.diffusion.text.ClipTokenizerParity;
import dev.zoetrope.metrics.parity.MetricsParity;
import dev.zoetrope.tensor.parity.ParityCheck;
import dev.zoetrope.tensor.parity.RngParity;
import dev.zoetrope.vidrd.parity.IterationParity;
import dev.zoetrope.vidrd.parity.TemporalDecoderParity;
import dev.zoetrope.vidrd.parity.TemporalUNetParity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Every kind of fixture folder that this build can recompute. */
final class ParityChecks {
    private static final List<String> MARKS = List.of("golden.json", "encodings.json", "expected.json");

    private ParityChecks() {}

    static List<ParityCheck> all() {
        return Stream.concat(
                        Stream.of(
                                new RngParity(),
                                new SchedulerParity(),
                                new ClipTokenizerParity(),
                                new ClipTextParity(),
                                new AutoencoderParity(),
                                new UNetParity(),
                                new PipelineParity(),
                                new MediaParity(),
                                new IterationParity(),
                                new TemporalUNetParity(),
                                new TemporalDecoderParity()),
                        MetricsParity.all().stream())
                .toList();
    }

    static Optional<ParityCheck> of(Path folder) {
        return all().stream().filter(check -> check.supports(folder)).findFirst();
    }

    /** The folder itself if it is a fixture, else the fixtures directly inside it, else the folder. */
    static List<Path> expand(Path folder) throws IOException {
        if (isFixture(folder)) {
            return List.of(folder);
        }
        List<Path> inside = new ArrayList<>();
        try (Stream<Path> children = Files.list(folder)) {
            children.filter(ParityChecks::isFixture).sorted().forEach(inside::add);
        }
        return inside.isEmpty() ? List.of(folder) : inside;
    }

    private static boolean isFixture(Path folder) {
        return MARKS.stream().anyMatch(mark -> Files.isRegularFile(folder.resolve(mark)));
    }
}
