package dev.zoetrope.diffusion.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.zoetrope.tensor.ZoetropeException;
import dev.zoetrope.tensor.parity.ParityCheck;
import dev.zoetrope.tensor.parity.ParityReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.StreamSupport;

/** CLIP tokenizer folders with an {@code encodings.json}: a list of {@code text}, {@code ids}, {@code ids_unpadded}. */
public final class ClipTokenizerParity implements ParityCheck {
    @Override
    public boolean supports(Path folder) {
        return Files.exists(folder.resolve("encodings.json")) && Files.exists(folder.resolve("merges.txt"));
    }

    @Override
    public void run(Path folder, ParityReport report) {
        JsonNode encodings = read(folder.resolve("encodings.json"));
        try (ClipTokenizer tokenizer = ClipTokenizer.load(folder)) {
            for (JsonNode entry : encodings) {
                ClipTokenizer.Encoding ours =
                        tokenizer.encode(entry.path("text").asText());
                // The text as JSON shows line ends and invisible characters.
                String name = entry.path("text").toString();
                compare(report, name, "ids", ours.ids(), entry.path("ids"));
                compare(report, name, "ids_unpadded", ours.unpadded(), entry.path("ids_unpadded"));
            }
        }
    }

    private static void compare(ParityReport report, String name, String output, long[] ours, JsonNode expected) {
        long[] theirs = StreamSupport.stream(expected.spliterator(), false)
                .mapToLong(JsonNode::asLong)
                .toArray();
        if (Arrays.equals(ours, theirs)) {
            report.pass(name, output);
        } else {
            report.fail(name, output, Arrays.toString(ours) + ", expected " + Arrays.toString(theirs));
        }
    }

    private static JsonNode read(Path file) {
        try {
            return new ObjectMapper().readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw ZoetropeException.badInput("%s is not valid JSON: %s", file, e.getOriginalMessage());
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot read %s: %s", file, e.getMessage());
        }
    }
}
