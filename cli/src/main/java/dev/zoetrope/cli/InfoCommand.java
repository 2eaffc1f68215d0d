package dev.zoetrope.cli;

import dev.zoetrope.media.VideoInfo;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.tensor.WeightEntry;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code zoetrope info FILE}. */
@Command(
        name = "info",
        header = "Say what a file is and where it came from.",
        description = {
            "Videos, images and folders of frames: size, rate, length, codec, and the command,",
            "prompt, seed, model and versions that made the file, if Zoetrope did.",
            "Weight files (.safetensors, .pt, .pth, .bin, .ckpt, .index.json): tensors and metadata.",
            "Model folders: as `zoetrope models inspect`."
        })
final class InfoCommand implements Callable<Integer> {
    private static final List<String> WEIGHTS = List.of(".safetensors", ".pt", ".pth", ".bin", ".ckpt", ".index.json");

    private final Shell shell;

    @Parameters(paramLabel = "FILE", description = "A file or folder.")
    private Path file = Path.of("");

    @Option(names = "--tensors", description = "List every tensor of a weight file. Default: a summary.")
    private boolean tensors;

    @Option(names = "--count", description = "Read a video to its end and count the frames. Default: its header alone.")
    private boolean count;

    InfoCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        Check.that(Files.exists(file), "%s does not exist", file);
        String name = file.toString().toLowerCase(Locale.ROOT);
        if (ModelChoice.isModel(file)) {
            ModelsInspectCommand.print(shell, file);
        } else if (WEIGHTS.stream().anyMatch(name::endsWith)) {
            weights();
        } else {
            video();
        }
        return 0;
    }

    private void video() {
        try (VideoReader reader = VideoReader.open(file)) {
            VideoInfo info = reader.info();
            line("container", info.container());
            line("codec", info.codec() + ", " + info.pixelFormat());
            line("size", info.width() + "x" + info.height());
            line("rate", String.format(Locale.ROOT, "%.5g frames a second", info.framesPerSecond()));
            if (info.durationSeconds() > 0) { // some files, such as animated PNG, do not say
                line("length", String.format(Locale.ROOT, "%.3f s", info.durationSeconds()));
            }
            if (info.rotationDegrees() != 0) {
                line("rotation", info.rotationDegrees() + " degrees (applied)");
            }
            if (info.hasAlpha()) {
                line("alpha", "yes (dropped on reading)");
            }
            if (info.hasAudio()) {
                line("audio", "yes (ignored)");
            }
            if (count) {
                line("frames", String.valueOf(frames(reader)));
            }
            reader.warnings().forEach(warning -> shell.err().println("warning: " + warning));
            new TreeMap<>(info.metadata()).forEach(this::line);
        }
    }

    private static long frames(VideoReader reader) {
        long frames = 0;
        while (reader.read().isPresent()) {
            frames++;
        }
        return frames;
    }

    private void weights() {
        try (WeightSource source = WeightFiles.open(file)) {
            Map<String, Long> byType = source.entries().values().stream()
                    .collect(Collectors.groupingBy(entry -> entry.dtype().name(), TreeMap::new, Collectors.counting()));
            long bytes = source.entries().values().stream()
                    .mapToLong(WeightEntry::byteSize)
                    .sum();
            long elements = source.entries().values().stream()
                    .mapToLong(WeightEntry::elements)
                    .sum();
            line("tensors", Texts.count(source.entries().size()) + " " + byType);
            line("elements", Texts.count(elements));
            line("bytes", Texts.bytes(bytes));
            new TreeMap<>(source.metadata()).forEach((key, value) -> line("meta " + key, Texts.clip(value, 400)));
            if (tensors) {
                source.entries()
                        .values()
                        .forEach(entry ->
                                shell.out().println(entry.name() + "  " + entry.dtype() + "  " + entry.shape()));
            }
        }
    }

    private void line(String key, String value) {
        PrintStream out = shell.out();
        // Metadata comes from the file: control characters must not reach the terminal.
        out.printf("%-14s %s%n", clean(key), clean(value));
    }

    private static String clean(String text) {
        return text.replaceAll("[\\p{Cntrl}&&[^\\n]]", "?").replace("\n", "\n               ");
    }
}
