package dev.zoetrope.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.zoetrope.tensor.AtomicFiles;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The log of a run: log.jsonl, and the same for TensorBoard in a folder of its own. When a run continues from a
 * checkpoint, rows of later steps are dropped, since those steps come again; the event file is made anew from the rows.
 */
final class TrainingLog implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double SMOOTHING = 0.95;

    private final Path file;
    private final List<LogRow> rows;
    private final FileChannel lines;
    private final EventFile events;

    /**
     * Opens the log of a run.
     *
     * @param folder output folder of the run
     * @param step completed steps: rows after it are removed
     */
    static TrainingLog open(Path folder, long step) {
        Path file = folder.resolve("log.jsonl");
        List<LogRow> rows = rowsUpTo(file, step);
        AtomicFiles.writeString(
                file, String.join("", rows.stream().map(TrainingLog::line).toList()));
        try {
            EventFile events = freshEvents(folder.resolve("tensorboard"));
            rows.forEach(row -> events.scalars(row.time(), row.step(), row.scalars()));
            FileChannel lines = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
            return new TrainingLog(file, rows, lines, events);
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    private TrainingLog(Path file, List<LogRow> rows, FileChannel lines, EventFile events) {
        this.file = file;
        this.rows = rows;
        this.lines = lines;
        this.events = events;
    }

    private static List<LogRow> rowsUpTo(Path file, long step) {
        List<LogRow> rows = new ArrayList<>();
        if (!Files.exists(file)) {
            return rows;
        }
        try {
            for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                Optional<LogRow> row = parse(line);
                if (row.isEmpty() || row.get().step() > step) {
                    break; // a kill cuts the last line at most; what follows comes again
                }
                rows.add(row.get());
            }
            return rows;
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot read %s: %s", file, e.getMessage());
        }
    }

    private static Optional<LogRow> parse(String line) {
        try {
            return Optional.of(JSON.readValue(line, LogRow.class));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private static String line(LogRow row) {
        try {
            return JSON.writeValueAsString(row) + "\n";
        } catch (JsonProcessingException e) {
            throw new AssertionError("a row is always valid JSON", e);
        }
    }

    private static EventFile freshEvents(Path folder) throws IOException {
        Files.createDirectories(folder);
        try (Stream<Path> old = Files.list(folder)) {
            for (Path path : old.filter(path -> path.getFileName().toString().startsWith("events.out.tfevents."))
                    .toList()) {
                Files.delete(path);
            }
        }
        // TensorBoard takes the number for the start time, and notices a new file by its new name.
        long millis = System.currentTimeMillis();
        String name = String.format("events.out.tfevents.%d.%03d.zoetrope", millis / 1000, millis % 1000);
        return EventFile.create(folder.resolve(name), millis / 1000.0);
    }

    void add(LogRow row) {
        rows.add(row);
        ByteBuffer text = ByteBuffer.wrap(line(row).getBytes(StandardCharsets.UTF_8));
        try {
            while (text.hasRemaining()) {
                lines.write(text);
            }
        } catch (IOException e) {
            throw failed(file, e);
        }
        events.scalars(row.time(), row.step(), row.scalars());
    }

    /** Rows of all runs in the folder, oldest first. */
    List<LogRow> rows() {
        return Collections.unmodifiableList(rows);
    }

    /** The loss of each row as an exponential moving average over the rows, without bias to the start. */
    double[] smoothedLoss() {
        double[] smooth = new double[rows.size()];
        double sum = 0;
        double weight = 0;
        for (int i = 0; i < smooth.length; i++) {
            sum = SMOOTHING * sum + (1 - SMOOTHING) * rows.get(i).loss();
            weight = SMOOTHING * weight + (1 - SMOOTHING);
            smooth[i] = sum / weight;
        }
        return smooth;
    }

    /** Makes sure that all rows are on the disk: a checkpoint relies on those before it. */
    void force() {
        try {
            lines.force(false);
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    @Override
    public void close() {
        events.close();
        try {
            lines.close();
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    private static ZoetropeException failed(Path file, IOException e) {
        return ZoetropeException.io(e, "cannot write %s: %s", file, e.getMessage());
    }
}
