package dev.zoetrope.cli;

import dev.zoetrope.media.ContactSheet;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.Resize;
import dev.zoetrope.media.VideoReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Contact sheets of finished clips. */
final class ClipSheets {
    private static final int MOST_ROWS = 64;
    private static final int MOST_FRAMES = 4096;
    private static final int COLUMNS = 8;
    private static final int SIDE = 128;

    private ClipSheets() {}

    static void write(Path png, List<ClipJob> jobs, String command) {
        List<ContactSheet.Row> rows = jobs.stream()
                .limit(MOST_ROWS)
                .map(job ->
                        row("seed " + job.seed() + ": " + job.prompt(), VideoReader.readAll(job.target(), MOST_FRAMES)))
                .toList();
        write(png, rows, Map.of("command", command, "zoetrope", Version.text()));
    }

    static void write(Path png, List<ContactSheet.Row> rows, Map<String, String> metadata) {
        int scale = rows.get(0).frames().get(0).width() <= SIDE / 2 ? 2 : 1;
        new ContactSheet(COLUMNS, scale, false).write(png, rows, metadata);
    }

    /** Eight frames evenly over the clip, made smaller where they are large. */
    static ContactSheet.Row row(String label, List<Frame> frames) {
        List<Frame> chosen = new ArrayList<>();
        int count = Math.min(COLUMNS, frames.size());
        for (int i = 0; i < count; i++) {
            int index = count == 1 ? 0 : Math.round((float) i * (frames.size() - 1) / (count - 1));
            chosen.add(small(frames.get(index)));
        }
        return new ContactSheet.Row(Texts.clip(label, 120), chosen);
    }

    private static Frame small(Frame frame) {
        int side = Math.max(frame.width(), frame.height());
        return side <= SIDE
                ? frame
                : Resize.area(
                        frame, Math.max(1, frame.width() * SIDE / side), Math.max(1, frame.height() * SIDE / side));
    }
}
