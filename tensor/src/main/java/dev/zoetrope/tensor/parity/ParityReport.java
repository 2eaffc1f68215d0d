package dev.zoetrope.tensor.parity;

import dev.zoetrope.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** The differences between our outputs and the reference's, one line each. */
public final class ParityReport {
    /**
     * One compared output.
     *
     * @param maxAbs largest absolute difference
     * @param maxRel largest difference relative to the reference's value (values below 1e-6 count as 1e-6)
     * @param note why it fails where the numbers do not say it, else empty
     */
    public record Line(
            String fixture, String testCase, String output, double maxAbs, double maxRel, boolean ok, String note) {
        @Override
        public String toString() {
            return String.format(
                    "%-4s %-32s %-24s %-24s max abs %.3g  max rel %.3g%s",
                    ok ? "ok" : "MISS", fixture, testCase, output, maxAbs, maxRel, note.isEmpty() ? "" : "  " + note);
        }
    }

    private final String fixture;
    private final List<Line> lines = new ArrayList<>();

    public ParityReport(String fixture) {
        this.fixture = fixture;
    }

    public List<Line> lines() {
        return List.copyOf(lines);
    }

    /** At least one output was compared, and all agree. */
    public boolean passed() {
        return !lines.isEmpty() && lines.stream().allMatch(Line::ok);
    }

    /** Compares one output of a case. */
    public void compare(Fixture.Case testCase, String output, Tensor ours) {
        Tensor theirs = testCase.expected(output);
        long[] expectedShape = Tensors.shape(theirs);
        if (!Arrays.equals(Tensors.shape(ours), expectedShape)) {
            fail(
                    testCase.name(),
                    output,
                    "shape " + Arrays.toString(Tensors.shape(ours)) + ", expected " + Arrays.toString(expectedShape));
            return;
        }
        compare(testCase.name(), output, Tensors.toFloats(ours), Tensors.toFloats(theirs), testCase.tolerance(output));
    }

    /** Compares one output of a case in double precision; {@code ours} is row-major. */
    public void compare(Fixture.Case testCase, String output, double... ours) {
        compare(testCase.name(), output, ours, testCase.expectedDoubles(output), testCase.tolerance(output));
    }

    /** Compares values in the same order. */
    public void compare(String testCase, String output, float[] ours, float[] theirs, Tolerance tolerance) {
        compare(testCase, output, doubles(ours), doubles(theirs), tolerance);
    }

    private static double[] doubles(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    /** Compares values in the same order. */
    public void compare(String testCase, String output, double[] ours, double[] theirs, Tolerance tolerance) {
        double maxTheirs = 0;
        for (double value : theirs) {
            maxTheirs = Math.max(maxTheirs, Math.abs(value));
        }
        double maxAbs = 0;
        double maxRel = 0;
        boolean ok = ours.length == theirs.length;
        for (int i = 0; i < Math.min(ours.length, theirs.length); i++) {
            if (Double.compare(ours[i], theirs[i]) == 0) {
                continue;
            }
            double difference = Math.abs(ours[i] - theirs[i]);
            // A NaN on one side only must not pass: the comparison below is written so that it fails.
            ok &= difference <= tolerance.allowed(theirs[i], maxTheirs);
            maxAbs = Math.max(maxAbs, difference);
            maxRel = Math.max(maxRel, difference / Math.max(Math.abs(theirs[i]), 1e-6));
        }
        String note = ours.length == theirs.length ? "" : ours.length + " values, expected " + theirs.length;
        lines.add(new Line(fixture, testCase, output, maxAbs, maxRel, ok, note));
    }

    /** Notes an output that is right without numbers, such as equal bytes. */
    public void pass(String testCase, String output) {
        lines.add(new Line(fixture, testCase, output, 0, 0, true, ""));
    }

    /** Notes an output that cannot be compared or is wrong. */
    public void fail(String testCase, String output, String why) {
        lines.add(new Line(fixture, testCase, output, Double.NaN, Double.NaN, false, why));
    }
}
