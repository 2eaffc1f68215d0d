package dev.zoetrope.tensor.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A folder of reference tensors: {@code golden.json} (module, tolerance, cases), {@code config.json}, {@code
 * model.safetensors} and {@code io.safetensors} with {@code <case>.in.<argument>} and {@code <case>.out.<what>}.
 */
public final class Fixture implements AutoCloseable {
    private static final Tolerance DEFAULT = new Tolerance(1e-4, 1e-4, false);

    private final Path folder;
    private final JsonNode golden;
    private final WeightSource io;

    private Fixture(Path folder, JsonNode golden, WeightSource io) {
        this.folder = folder;
        this.golden = golden;
        this.io = io;
    }

    /** Opens a folder that has a golden.json and an io.safetensors. */
    public static Fixture open(Path folder) {
        JsonNode golden = JsonFiles.read(folder.resolve("golden.json"));
        return new Fixture(folder, golden, WeightFiles.open(folder.resolve("io.safetensors")));
    }

    public Path folder() {
        return folder;
    }

    /** The module as golden.json names it, such as {@code UNet3DConditionModel}. */
    public String module() {
        return golden.path("module").asText();
    }

    /** config.json. */
    public JsonNode config() {
        return JsonFiles.read(folder.resolve("config.json"));
    }

    /** The weights beside it; close after use. */
    public WeightSource weights() {
        return WeightFiles.open(folder.resolve("model.safetensors"));
    }

    public List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        golden.path("cases").forEach(json -> cases.add(new Case(json)));
        return cases;
    }

    @Override
    public void close() {
        io.close();
    }

    /** One case: named inputs, arguments, and expected outputs. */
    public final class Case {
        private final JsonNode json;

        private Case(JsonNode json) {
            this.json = json;
        }

        public String name() {
            return json.path("name").asText();
        }

        public JsonNode args() {
            return json.path("args");
        }

        /** Whether an input of this name is stored. */
        public boolean hasInput(String input) {
            return io.entries().containsKey(name() + ".in." + input);
        }

        /** An input tensor; floats as float32, integers as int64. */
        public Tensor input(String input) {
            return Tensors.read(io, name() + ".in." + input);
        }

        /** The elements of an input in double precision, row-major. */
        public double[] inputDoubles(String input) {
            return Tensors.readDoubles(io, name() + ".in." + input);
        }

        /** The elements of an expected output in double precision, row-major. */
        public double[] expectedDoubles(String output) {
            return Tensors.readDoubles(io, name() + ".out." + output);
        }

        /** Names of the expected outputs that are stored. */
        public List<String> outputs() {
            List<String> names = new ArrayList<>();
            json.path("outputs").forEach(output -> names.add(output.asText()));
            return names;
        }

        /** An expected tensor. */
        public Tensor expected(String output) {
            return Tensors.read(io, name() + ".out." + output);
        }

        /** The tolerance of one output. */
        public Tolerance tolerance(String output) {
            boolean gradient = output.startsWith("grad.");
            Tolerance ofFixture = Tolerance.parse(golden.path("tolerance"), DEFAULT, gradient);
            Tolerance ofCase = Tolerance.parse(json.path("tolerance"), ofFixture, gradient);
            return Tolerance.parse(json.path("output_tolerance").path(output), ofCase, gradient);
        }
    }
}
