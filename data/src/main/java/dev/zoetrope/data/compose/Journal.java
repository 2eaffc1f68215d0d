package dev.zoetrope.data.compose;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.zoetrope.data.compose.Mixer.Pick;
import dev.zoetrope.tensor.Sha256;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a composition has finished, in {@value #FILE} inside of its folder, so that a stopped one continues: the first line
 * says which composition it is, each other line is a finished clip with its entry of the manifest. A line is written after
 * its clip, and a line that was cut off counts as not written. Locked while a run works in the folder.
 */
final class Journal implements AutoCloseable {
    static final String FILE = "finished.jsonl";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String IDENTITY = "composition";
    /** Clips, and what a killed run leaves of a file that it was writing. */
    private static final Pattern MADE = Pattern.compile("\\d{6}-[a-z]+\\.[a-z0-9]+|\\..*\\.part");

    private final Path folder;
    private final FileChannel channel;
    private final Map<Integer, ManifestEntry> finished = new TreeMap<>();

    private Journal(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    /**
     * Continues what {@code folder} holds, or begins there. Files of clips that were not finished are deleted.
     *
     * @throws ZoetropeException BAD_INPUT if another composition was begun there, or another run works there
     */
    static Journal open(Path folder, String identity) {
        Path file = folder.resolve(FILE);
        try {
            Files.createDirectories(folder);
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            try {
                lock(channel, folder);
                Journal journal = new Journal(folder, channel);
                journal.read(identity);
                journal.deleteUnfinished();
                return journal;
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot continue in %s: %s", folder, e.getMessage());
        }
    }

    /** Which composition this is: everything that its clips depend on. Of the sources, their sizes and times of change. */
    static String identity(CompositionOptions options, List<Pick> picks) {
        StringBuilder text = new StringBuilder();
        text.append(options.spec()).append('\n').append(options.moves()).append(options.ease());
        text.append(options.format()).append(options.seed()).append('\n');
        text.append(options.captioner().name()).append('\n');
        Map<Path, String> files = new TreeMap<>();
        for (Pick pick : picks) {
            Source source = pick.source();
            text.append(pick.id()).append('\t').append(source).append('\t');
            text.append(files.computeIfAbsent(source.file(), Journal::state)).append('\n');
        }
        return Sha256.of(text.toString());
    }

    private static String state(Path file) {
        try {
            return Files.size(file) + " " + Files.getLastModifiedTime(file).toMillis();
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot read %s: %s", file, e.getMessage());
        }
    }

    private static void lock(FileChannel channel, Path folder) throws IOException {
        try {
            if (channel.tryLock() != null) {
                return;
            }
        } catch (OverlappingFileLockException e) {
            // Held by another thread of this process: as busy as if another process held it.
        }
        throw ZoetropeException.badInput("another run is composing in %s; wait for it, or give another name", folder);
    }

    private void read(String identity) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(channel.size()));
        while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
            // Until all of it is read.
        }
        String text = new String(bytes.array(), StandardCharsets.UTF_8);
        String whole = text.substring(0, text.lastIndexOf('\n') + 1);
        channel.truncate(whole.getBytes(StandardCharsets.UTF_8).length);
        channel.position(channel.size());
        if (whole.isEmpty()) {
            append(Map.of(IDENTITY, identity));
            return;
        }
        List<String> lines = whole.lines().toList();
        if (!JSON.readTree(lines.get(0)).path(IDENTITY).asText().equals(identity)) {
            throw ZoetropeException.badInput(
                    "%s holds a stopped composition of other sources or options; delete it, or give the same again",
                    folder);
        }
        for (String line : lines.subList(1, lines.size())) {
            JsonNode node = JSON.readTree(line);
            ManifestEntry entry = JSON.treeToValue(node.path("entry"), ManifestEntry.class);
            if (Files.isRegularFile(folder.resolve(entry.file()))) {
                finished.put(node.path("index").asInt(), entry);
            }
        }
    }

    private void deleteUnfinished() throws IOException {
        Set<Path> keep = new HashSet<>();
        finished.values().forEach(entry -> keep.add(folder.resolve(entry.file())));
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                boolean clip = MADE.matcher(String.valueOf(file.getFileName())).matches();
                if (clip && !keep.contains(file)) {
                    Files.delete(file);
                }
            }
        }
    }

    /** The entries of the finished clips by their place. */
    Map<Integer, ManifestEntry> finished() {
        return Collections.unmodifiableMap(finished);
    }

    /** Notes a clip whose file is there. */
    void add(int index, ManifestEntry entry) {
        finished.put(index, entry);
        try {
            append(Map.of("index", index, "entry", entry));
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot write %s: %s", folder.resolve(FILE), e.getMessage());
        }
    }

    private void append(Map<String, ?> line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((JSON.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Once the set is whole. */
    void delete() {
        try {
            Files.delete(folder.resolve(FILE));
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot delete %s: %s", folder.resolve(FILE), e.getMessage());
        }
    }

    /** Ends the lock. Nothing is left of a run that finished no clip. */
    @Override
    public void close() {
        try {
            channel.close();
            if (finished.isEmpty()) {
                Files.deleteIfExists(folder.resolve(FILE));
            }
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot close %s: %s", folder.resolve(FILE), e.getMessage());
        }
    }
}
