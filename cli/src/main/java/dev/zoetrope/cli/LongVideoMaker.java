package dev.zoetrope.cli;

import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.CancellationSignal;
import dev.zoetrope.media.ContactSheet;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.vidrd.LongVideo;
import dev.zoetrope.vidrd.LongVideoListener;
import dev.zoetrope.vidrd.LongVideoOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes one long video with progress and cancel. */
final class LongVideoMaker {
    private static final int SHEET_FRAMES = 512;
    private static final int ROW = 16;

    private final Shell shell;
    private final VideoModel model;

    LongVideoMaker(Shell shell, VideoModel model) {
        this.shell = shell;
        this.model = model;
    }

    void make(LongVideoOptions options, ClipJob job, Optional<Path> sheet) {
        int clips = LongVideo.check(model, options);
        shell.startEngine(model.unetConfig());
        CancelHook.run(shell, "finished clips are kept, the same command goes on", cancel -> {
            long steps = (long) clips * options.generation().steps();
            try (ConsoleProgress progress = new ConsoleProgress(shell, clips + " clips", steps)) {
                LongVideoListener listener = new LongVideoListener() {
                    @Override
                    public void step(long done, long total) {
                        cancel.check();
                        progress.stepTo(done);
                    }

                    @Override
                    public void notice(String text) {
                        shell.err().println("note: " + text);
                    }
                };
                Map<String, String> metadata = job.metadata(shell.command());
                LongVideo.make(model, options, job.target(), metadata, listener, new CancellationSignal());
            }
        });
        shell.out().println(job.target());
        sheet.ifPresent(file -> {
            writeSheet(job, file);
            shell.out().println(file);
        });
    }

    /** Every frame in its order, so that borders between clips can be looked at. */
    private void writeSheet(ClipJob job, Path png) {
        List<Frame> frames = VideoReader.readAll(job.target(), SHEET_FRAMES);
        List<ContactSheet.Row> rows = new ArrayList<>();
        for (int from = 0; from < frames.size(); from += ROW) {
            List<Frame> some = frames.subList(from, Math.min(frames.size(), from + ROW));
            rows.add(new ContactSheet.Row("frames from " + from, some));
        }
        Map<String, String> metadata = Map.of("command", shell.command(), "zoetrope", Version.text());
        new ContactSheet(ROW, 1, false).write(png, rows, metadata);
    }
}
