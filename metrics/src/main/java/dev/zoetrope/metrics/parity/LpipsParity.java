package dev.zoetrope.metrics.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.zoetrope.metrics.network.Lpips;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.parity.Fixture;
import dev.zoetrope.tensor.parity.ParityCheck;
import dev.zoetrope.tensor.parity.ParityReport;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** LPIPS with narrow networks whose weights are stored, and at full width with weights from a formula. */
public final class LpipsParity extends ParityCheck.ForModule {
    @Override
    protected boolean supportsModule(String module) {
        return module.startsWith("lpips.LPIPS");
    }

    @Override
    protected void run(Fixture fixture, ParityReport report) {
        Map<String, Lpips> networks = new HashMap<>();
        try (WeightSource weights = fixture.weights()) {
            for (Fixture.Case testCase : fixture.cases()) {
                String net = testCase.args()
                        .path("net")
                        .asText(fixture.config().path("net").asText());
                compare(networks.computeIfAbsent(net, name -> network(fixture, name, weights)), testCase, report);
            }
        } finally {
            networks.values().forEach(Lpips::close);
        }
    }

    private static Lpips network(Fixture fixture, String name, WeightSource weights) {
        Lpips.Net net = Lpips.Net.valueOf(name.toUpperCase(Locale.ROOT));
        JsonNode config = fixture.config();
        boolean stored = config.has("net");
        JsonNode widths =
                stored ? config.path("widths") : config.path("nets").path(name).path("widths");
        long[] values = new long[widths.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = widths.get(i).asLong();
        }
        Lpips lpips = new Lpips(net, values);
        if (stored) {
            lpips.load(weights, weights);
        } else {
            fill(lpips, config.path("nets").path(name), weights, name);
        }
        return lpips;
    }

    private static void fill(Lpips lpips, JsonNode config, WeightSource weights, String name) {
        Map<String, Parameter> parameters = lpips.parameters();
        long seed = config.path("seed").asLong();
        try (Scope scope = Scope.noGrad()) {
            for (int i = 0; i < config.path("params").size(); i++) {
                JsonNode one = config.path("params").get(i);
                Parameter parameter = parameters.get("trunk." + one.path("name").asText());
                if (parameter == null) {
                    throw new IllegalArgumentException("unknown weight " + one.path("name"));
                }
                float[] values = formula(
                        1000 * seed + i,
                        (int) parameter.elements(),
                        one.path("bound").asDouble());
                parameter.set(Tensors.of(values, parameter.shape()));
            }
            parameters.forEach((key, parameter) -> {
                if (key.startsWith("lin")) {
                    parameter.set(Tensors.read(weights, name + "." + key));
                }
            });
        }
    }

    /** SplitMix64 by element, as the fixture's README has it. */
    private static float[] formula(long start, int count, double bound) {
        float[] values = new float[count];
        for (int q = 0; q < count; q++) {
            long z = start + (q + 1) * 0x9E3779B97F4A7C15L;
            z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            z = z ^ (z >>> 31);
            values[q] = (float) ((2 * ((z >>> 40) / 16777216.0) - 1) * bound);
        }
        return values;
    }

    private static void compare(Lpips lpips, Fixture.Case testCase, ParityReport report) {
        JsonNode args = testCase.args();
        Lpips.Request request = new Lpips.Request(
                args.path("normalize").asBoolean(false),
                !args.path("version").asText("0.1").equals("0.0"),
                args.path("lpips").asBoolean(true),
                args.path("spatial").asBoolean(false));
        boolean gradient = args.path("grad").asBoolean(false);
        try (Scope scope = gradient ? Scope.withGrad() : Scope.noGrad()) {
            Tensor x = pixels(testCase.input("x"));
            Tensor y = pixels(testCase.input("y"));
            if (gradient) {
                x.requires_grad_(true);
            }
            List<Tensor> layers = lpips.layers(x, y, request);
            Tensor distance = lpips.distance(x, y, request);
            for (String output : testCase.outputs()) {
                report.compare(testCase, output, output(output, lpips, x, y, request, layers, distance));
            }
        }
    }

    private static Tensor output(
            String name, Lpips lpips, Tensor x, Tensor y, Lpips.Request request, List<Tensor> layers, Tensor distance) {
        int index = Integer.parseInt("0" + name.replaceAll("\\D", ""));
        if (name.startsWith("tap.layer.")) {
            return layers.get(index);
        }
        if (name.startsWith("tap.features_")) {
            return lpips.taps(name.startsWith("tap.features_x") ? x : y, request)
                    .get(index);
        }
        return name.equals("grad.x") ? Ops.gradients(distance.sum(), List.of(x)).get(0) : distance;
    }

    /** Bytes become [-1, 1]; floats stay. */
    private static Tensor pixels(Tensor stored) {
        if (stored.is_floating_point()) {
            return stored;
        }
        Tensor wide = stored.to(ScalarType.Double);
        return wide.div(new Scalar(127.5)).sub(new Scalar(1.0)).to(ScalarType.Float);
    }
}
