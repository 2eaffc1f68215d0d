package dev.zoetrope.cli;

import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.LatentSource;
import dev.zoetrope.media.VideoOptions;
import dev.zoetrope.media.VideoWriter;
import dev.zoetrope.tensor.AtomicFiles;
import dev.zoetrope.tensor.Scope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.bytedeco.pytorch.Tensor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code zoetrope demo}. */
@Command(
        name = "demo",
        header = "Make a gallery page of what Zoetrope can do.",
        description = {
            "Several prompts, seeds, schedulers and guidance scales, side by side: a folder with",
            "index.html that needs no network. Every clip carries how it was made."
        })
final class DemoCommand implements Callable<Integer> {
    private static final String MAIN = "a red circle moves to the right over a blue background";
    private static final List<String> PROMPTS = List.of(
            MAIN,
            "a green square moves up over a black background",
            "a yellow triangle moves to the left over a gray background",
            "a blue cross moves down over a white background",
            "a red square stays still over a white background",
            "a yellow circle moves down over a blue background");

    /** One clip of the page. */
    private record Item(String label, String file, String howTo) {}

    /** A row of the page. */
    private record Section(String title, String text, List<Item> items) {}

    private final Shell shell;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            defaultValue = "demo",
            description = "Folder of the gallery. Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("demo");

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Of the first clip. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Mixin
    private final SamplingOptions sampling = new SamplingOptions();

    @Mixin
    private final ModelChoice choice = new ModelChoice();

    DemoCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        sampling.build(List.of(""), "", seed);
        try (VideoModel model = choice.open()) {
            TextToVideo pipeline = new TextToVideo(model);
            pipeline.settings(sampling.build(List.of(""), "", seed));
            shell.startEngine(model.unetConfig());
            CancelHook.run(shell, "the finished clips are in " + out, cancel -> {
                Path page = out.resolve("index.html");
                AtomicFiles.writeString(page, html(sections(pipeline, cancel), model));
                shell.out().println(page);
            });
        }
        return 0;
    }

    private List<Section> sections(TextToVideo pipeline, CancelHook cancel) {
        List<Section> sections = new ArrayList<>();
        List<Item> prompts = new ArrayList<>();
        for (int i = 0; i < PROMPTS.size(); i++) {
            prompts.add(make(pipeline, cancel, "prompt-" + i, PROMPTS.get(i), options(PROMPTS.get(i)), "", seed));
        }
        sections.add(new Section("Prompts", "One sentence, one clip.", prompts));
        List<Item> seeds = new ArrayList<>();
        for (long s = seed; s < seed + 4; s++) {
            TextToVideoOptions.Builder options = sampling.builder(List.of(MAIN), "", s);
            seeds.add(make(pipeline, cancel, "seed-" + s, "seed " + s, options, "", s));
        }
        sections.add(new Section(
                "Seeds", "The same sentence, other noise. The same seed gives the same clip again.", seeds));
        List<Item> schedulers = new ArrayList<>();
        for (String name : List.of("ddim", "pndm", "euler", "dpm++2m-karras", "unipc")) {
            TextToVideoOptions.Builder options = options(MAIN).scheduler(name).steps(20);
            schedulers.add(make(
                    pipeline,
                    cancel,
                    "scheduler-" + Texts.slug(name, 20),
                    name,
                    options,
                    " --steps 20 --scheduler " + name,
                    seed));
        }
        sections.add(new Section("Schedulers", "Twenty steps each, from the same noise.", schedulers));
        List<Item> scales = new ArrayList<>();
        for (double scale : new double[] {1, 3, 6, 9, 14}) {
            scales.add(make(
                    pipeline,
                    cancel,
                    "guidance-" + (int) scale,
                    "guidance " + (int) scale,
                    options(MAIN).guidanceScale(scale),
                    " --guidance " + (int) scale,
                    seed));
        }
        sections.add(new Section("Guidance", "How closely the prompt is followed; 1 is off.", scales));
        return sections;
    }

    private TextToVideoOptions.Builder options(String prompt) {
        return sampling.builder(List.of(prompt), "", seed);
    }

    private Item make(
            TextToVideo pipeline,
            CancelHook cancel,
            String name,
            String label,
            TextToVideoOptions.Builder builder,
            String extra,
            long ownSeed) {
        TextToVideoOptions options = builder.build();
        String prompt = options.prompts().get(0);
        String howTo = Texts.commandLine("generate", prompt, "--seed", String.valueOf(ownSeed)) + extra;
        String file = name + ".webp";
        VideoOptions video = VideoOptions.builder()
                .framesPerSecond(options.fps())
                .metadata("prompt", prompt)
                .metadata("seed", String.valueOf(ownSeed))
                .metadata("command", howTo)
                .metadata("zoetrope", Version.text())
                .build();
        try (Scope scope = Scope.noGrad();
                VideoWriter writer = VideoWriter.open(out.resolve(file), video)) {
            Tensor latents = pipeline.generate(options, List.of(cancel), LatentSource.noise());
            pipeline.decode(latents, 0, options, writer::write);
            writer.finish();
        }
        shell.err().println(out.resolve(file));
        return new Item(label, file, howTo);
    }

    private static String html(List<Section> sections, VideoModel model) {
        StringBuilder body = new StringBuilder();
        for (Section section : sections) {
            body.append("<section><h2>").append(escape(section.title())).append("</h2><p>");
            body.append(escape(section.text())).append("</p><div class=\"row\">\n");
            for (Item item : section.items()) {
                body.append("<figure><img loading=\"lazy\" src=\"")
                        .append(escape(item.file()))
                        .append("\" alt=\"");
                body.append(escape(item.label())).append("\"><figcaption>").append(escape(item.label()));
                body.append("<code>").append(escape(item.howTo())).append("</code></figcaption></figure>\n");
            }
            body.append("</div></section>\n");
        }
        return """
                <!doctype html>
                <html lang="en"><head><meta charset="utf-8"><title>Zoetrope</title>
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <style>
                :root { color-scheme: light dark; --line: #8884; }
                body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 1200px; padding: 0 1rem; }
                h1 { margin-bottom: 0; } h2 { margin: 2.5rem 0 0; } p { margin: .3rem 0 1rem; opacity: .8; }
                .row { display: grid; grid-template-columns: repeat(auto-fill, minmax(176px, 1fr)); gap: 1rem; }
                figure { margin: 0; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
                img { width: 100%%; display: block; }
                figcaption { padding: .6rem; font-size: .9rem; }
                code { display: block; margin-top: .4rem; font-size: .72rem; opacity: .7; overflow-wrap: anywhere; }
                </style></head><body>
                <h1>Zoetrope</h1><p>%s</p>
                %s
                </body></html>
                """.formatted(escape(model.description()), body);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
