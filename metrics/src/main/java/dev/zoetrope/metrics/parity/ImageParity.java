package dev.zoetrope.metrics.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.zoetrope.metrics.MsSsim;
import dev.zoetrope.metrics.Picture;
import dev.zoetrope.metrics.Psnr;
import dev.zoetrope.metrics.Ssim;
import dev.zoetrope.metrics.SsimOptions;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.parity.Fixture;
import dev.zoetrope.tensor.parity.ParityCheck;
import dev.zoetrope.tensor.parity.ParityReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleBiFunction;

/** PSNR, SSIM and MS-SSIM, in the conventions of pytorch-msssim and of scikit-image. */
public final class ImageParity extends ParityCheck.ForModule {
    @Override
    protected boolean supportsModule(String module) {
        return module.startsWith("pytorch_msssim.");
    }

    @Override
    protected void run(Fixture fixture, ParityReport report) {
        fixture.cases().forEach(testCase -> {
            Pairs pairs = Pairs.of(testCase);
            for (String output : testCase.outputs()) {
                report.compare(testCase, output, pairs.compute(output));
            }
        });
    }

    /** The pictures of a case, and the options it names. */
    private record Pairs(List<Picture> x, List<Picture> y, SsimOptions options, double[] weights) {
        static Pairs of(Fixture.Case testCase) {
            JsonNode args = testCase.args();
            double range = args.path("data_range").asDouble();
            // A range of 1 means that the stored bytes are divided by 255.
            double scale = range == 1 ? 1 / 255.0 : 1;
            JsonNode k = args.path("K");
            SsimOptions options = new SsimOptions(
                    SsimOptions.gaussian(
                            args.path("win_size").asInt(11),
                            args.path("win_sigma").asDouble(1.5)),
                    k.path(0).asDouble(0.01),
                    k.path(1).asDouble(0.03),
                    range,
                    false,
                    args.path("nonnegative_ssim").asBoolean(false));
            JsonNode weights = args.path("weights");
            double[] values = new double[weights.size()];
            Arrays.setAll(values, i -> weights.get(i).asDouble());
            return new Pairs(
                    pictures(testCase, "x", scale),
                    pictures(testCase, "y", scale),
                    options,
                    values.length == 0 ? MsSsim.standardWeights() : values);
        }

        private static List<Picture> pictures(Fixture.Case testCase, String input, double scale) {
            long[] shape = Tensors.shape(testCase.input(input));
            double[] values = Arrays.stream(testCase.inputDoubles(input))
                    .map(value -> value * scale)
                    .toArray();
            int[] size = Arrays.stream(shape).skip(2).mapToInt(Math::toIntExact).toArray();
            int each = values.length / (int) shape[0];
            List<Picture> pictures = new ArrayList<>();
            for (int n = 0; n < shape[0]; n++) {
                pictures.add(new Picture(Arrays.copyOfRange(values, n * each, (n + 1) * each), (int) shape[1], size));
            }
            return pictures;
        }

        double[] compute(String output) {
            return switch (output) {
                case "ssim", "ssim_f32" -> each((a, b) -> Ssim.of(a, b, options));
                case "tap.ssim_per_channel" -> channels(Ssim.Channels::ssim);
                case "tap.cs_per_channel" -> channels(Ssim.Channels::cs);
                case "ms_ssim", "ms_ssim_f32" ->
                    each((a, b) -> MsSsim.combine(MsSsim.scales(a, b, options, weights.length), weights));
                case "tap.scale_ssim" -> scales(Ssim.Channels::ssim);
                case "tap.scale_cs" -> scales(Ssim.Channels::cs);
                case "mse" -> each(Psnr::meanSquaredError);
                case "psnr" -> each((a, b) -> Psnr.decibels(Psnr.meanSquaredError(a, b), options.range()));
                case "skimage_ssim_uniform7" -> other(SsimOptions.uniform(7), true);
                case "skimage_ssim_gaussian" -> other(SsimOptions.gaussian(11, 1.5), false);
                case "skimage_ssim_gaussian_sample_cov" -> other(SsimOptions.gaussian(11, 1.5), true);
                default -> throw new IllegalArgumentException("unknown output " + output);
            };
        }

        private double[] each(ToDoubleBiFunction<Picture, Picture> measure) {
            double[] values = new double[x.size()];
            Arrays.setAll(values, n -> measure.applyAsDouble(x.get(n), y.get(n)));
            return values;
        }

        private double[] other(double[] window, boolean sampleCovariance) {
            SsimOptions other = new SsimOptions(window, 0.01, 0.03, options.range(), sampleCovariance, false);
            return each((a, b) -> Ssim.of(a, b, other));
        }

        private double[] channels(Function<Ssim.Channels, double[]> which) {
            List<double[]> rows = new ArrayList<>();
            for (int n = 0; n < x.size(); n++) {
                rows.add(which.apply(Ssim.channels(x.get(n), y.get(n), options)));
            }
            return flatten(rows);
        }

        /** [scales, N, C]. */
        private double[] scales(Function<Ssim.Channels, double[]> which) {
            List<List<Ssim.Channels>> byPicture = new ArrayList<>();
            for (int n = 0; n < x.size(); n++) {
                byPicture.add(MsSsim.scales(x.get(n), y.get(n), options, weights.length));
            }
            List<double[]> rows = new ArrayList<>();
            for (int scale = 0; scale < weights.length; scale++) {
                for (List<Ssim.Channels> picture : byPicture) {
                    rows.add(which.apply(picture.get(scale)));
                }
            }
            return flatten(rows);
        }

        private static double[] flatten(List<double[]> rows) {
            return rows.stream().flatMapToDouble(Arrays::stream).toArray();
        }
    }
}
