package dev.zoetrope.metrics.parity;

import dev.zoetrope.metrics.BjontegaardDelta;
import dev.zoetrope.metrics.BjontegaardDelta.Method;
import dev.zoetrope.metrics.RateCurve;
import dev.zoetrope.tensor.parity.Fixture;
import dev.zoetrope.tensor.parity.ParityCheck;
import dev.zoetrope.tensor.parity.ParityReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Bjøntegaard deltas and the curves they integrate. */
public final class RateCurveParity extends ParityCheck.ForModule {
    @Override
    protected boolean supportsModule(String module) {
        return module.startsWith("bjontegaard.");
    }

    @Override
    protected void run(Fixture fixture, ParityReport report) {
        for (Fixture.Case testCase : fixture.cases()) {
            RateCurve anchor = curve(testCase, "anchor");
            RateCurve test = curve(testCase, "test");
            for (String output : testCase.outputs()) {
                double[] theirs = testCase.expectedDoubles(output);
                report.compare(
                        testCase,
                        output,
                        switch (output) {
                            case "bd_rate" ->
                                each(testCase, method -> new double[] {
                                    BjontegaardDelta.rate(anchor, test, method).value()
                                });
                            case "bd_quality" ->
                                each(testCase, method -> new double[] {
                                    BjontegaardDelta.quality(anchor, test, method)
                                            .value()
                                });
                            case "tap.log10_rate_anchor" -> logRates(testCase, anchor, theirs.length);
                            case "tap.log10_rate_test" -> logRates(testCase, test, theirs.length);
                            case "tap.quality_anchor" -> qualities(testCase, anchor, theirs.length);
                            case "tap.quality_test" -> qualities(testCase, test, theirs.length);
                            default -> throw new IllegalArgumentException("unknown output " + output);
                        });
            }
        }
    }

    private static RateCurve curve(Fixture.Case testCase, String which) {
        return new RateCurve(testCase.inputDoubles("rate_" + which), testCase.inputDoubles("quality_" + which));
    }

    private static double[] logRates(Fixture.Case testCase, RateCurve curve, int values) {
        int points = values / methods(testCase).size();
        return each(testCase, method -> BjontegaardDelta.logRatesOverQuality(curve, method, points));
    }

    private static double[] qualities(Fixture.Case testCase, RateCurve curve, int values) {
        int points = values / methods(testCase).size();
        return each(testCase, method -> BjontegaardDelta.qualitiesOverLogRate(curve, method, points));
    }

    private static List<Method> methods(Fixture.Case testCase) {
        List<Method> methods = new ArrayList<>();
        testCase.args()
                .path("methods")
                .forEach(name -> methods.add(Method.valueOf(name.asText().toUpperCase(Locale.ROOT))));
        return methods;
    }

    private static double[] each(Fixture.Case testCase, Function<Method, double[]> values) {
        return methods(testCase).stream()
                .flatMapToDouble(method -> Arrays.stream(values.apply(method)))
                .toArray();
    }
}
