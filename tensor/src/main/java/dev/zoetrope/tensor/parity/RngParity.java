package dev.zoetrope.tensor.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.zoetrope.tensor.SeededGenerator;

/** Seeded random numbers: randn, rand, randint and randn again, drawn in this order from one generator. */
public final class RngParity extends ParityCheck.ForModule {
    @Override
    protected boolean supportsModule(String module) {
        return module.startsWith("torch.Generator");
    }

    @Override
    protected void run(Fixture fixture, ParityReport report) {
        for (Fixture.Case testCase : fixture.cases()) {
            long seed = Long.parseUnsignedLong(testCase.args().path("seed").asText());
            try (SeededGenerator generator = new SeededGenerator(seed)) {
                for (String output : testCase.outputs()) {
                    report.compare(
                            testCase,
                            output,
                            switch (output) {
                                case "randn", "randn_again" ->
                                    generator.normal(shape(testCase.args().path("shape")));
                                case "rand_after" -> generator.uniform(5);
                                case "randint_after" -> generator.integers(0, 1000, 6);
                                case "randperm" ->
                                    generator.permutation(
                                            testCase.expected(output).size(0));
                                default -> throw new IllegalArgumentException("unknown output " + output);
                            });
                }
            }
        }
    }

    private static long[] shape(JsonNode json) {
        long[] shape = new long[json.size()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = json.get(i).asLong();
        }
        return shape;
    }
}
