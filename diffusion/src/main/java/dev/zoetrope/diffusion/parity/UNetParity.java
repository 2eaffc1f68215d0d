package dev.zoetrope.diffusion.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.denoiser.DenoiserOutput;
import dev.zoetrope.diffusion.denoiser.DenoiserRequest;
import dev.zoetrope.diffusion.model.MotionAdapters;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.diffusion.unet.UNetConfig;
import dev.zoetrope.diffusion.unet.UNetConfig.Family;
import dev.zoetrope.diffusion.unet.UNetLoader;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.parity.Fixture;
import dev.zoetrope.tensor.parity.ParityCheck;
import dev.zoetrope.tensor.parity.ParityReport;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** U-Nets of every published class, alone or assembled from an image U-Net and a motion adapter. */
public final class UNetParity extends ParityCheck.ForModule {
    private static final String TAP = "tap.";

    @Override
    protected boolean supportsModule(String module) {
        return module.startsWith("UNetMotionModel.from_unet2d")
                || Arrays.stream(Family.values())
                        .anyMatch(family -> family.className().equals(module));
    }

    @Override
    protected void run(Fixture fixture, ParityReport report) {
        try (UNet unet = load(fixture)) {
            for (Fixture.Case testCase : fixture.cases()) {
                try (Scope scope = Scope.open()) {
                    if (testCase.outputs().contains("grad_of_dot")) {
                        gradients(unet, testCase, report);
                    } else {
                        outputs(unet, testCase, report);
                    }
                }
            }
        }
    }

    /** The U-Net of a fixture of this kind. */
    public static UNet load(Fixture fixture) {
        if (fixture.module().contains("from_unet2d")) {
            Path unet = fixture.folder().resolve("unet");
            Path adapter = fixture.folder().resolve("motion_adapter");
            UNetConfig joined =
                    MotionAdapters.join(UNetConfig.parse(JsonFiles.read(unet.resolve("config.json"))), adapter);
            return MotionAdapters.load(
                    joined,
                    WeightFiles.openComponent(unet, UNetLoader.BASE_NAME, Optional.empty()),
                    adapter,
                    Optional.empty());
        }
        JsonNode config = fixture.config();
        return UNetLoader.load(config, fixture.weights());
    }

    private static void outputs(UNet unet, Fixture.Case testCase, ParityReport report) {
        Layout layout = Layout.of(unet, testCase.input("sample"));
        Set<String> taps = new TreeSet<>();
        testCase.outputs().stream().filter(name -> name.startsWith(TAP)).forEach(name -> taps.add(name.substring(4)));
        DenoiserOutput out = unet.forward(
                layout.toOurs(testCase.input("sample")),
                timestep(testCase, layout),
                conditioning(testCase),
                DenoiserRequest.tapping(taps.toArray(new String[0])));
        for (String output : testCase.outputs()) {
            if (output.startsWith(TAP)) {
                report.compare(testCase, output, out.tap(output.substring(TAP.length())));
            } else {
                report.compare(testCase, output, layout.toTheirs(out.prediction()));
            }
        }
    }

    private static void gradients(UNet unet, Fixture.Case testCase, ParityReport report) {
        try (Scope scope = Scope.withGrad()) {
            Tensor sample = testCase.input("sample").set_requires_grad(true);
            Layout layout = Layout.of(unet, sample);
            DenoiserOutput out = unet.forward(
                    layout.toOurs(sample),
                    timestep(testCase, layout),
                    conditioning(testCase),
                    DenoiserRequest.tapping("up_blocks.1"));
            Tensor tap = out.tap("up_blocks.1");
            Tensor meanSquare = tap.mul(tap).mean();
            Tensor dot = layout.toTheirs(out.prediction())
                    .mul(testCase.input("cotangent"))
                    .sum();
            // One evaluation serves both, so the first gradient must leave the graph alone.
            report.compare(testCase, "grad_of_mean_square_up1", Ops.gradientKeepingGraph(meanSquare, sample));
            report.compare(
                    testCase, "grad_of_dot", Ops.gradients(dot, List.of(sample)).get(0));
        }
    }

    private static Conditioning conditioning(Fixture.Case testCase) {
        if (testCase.hasInput("image_embedding")) {
            return new Conditioning(testCase.input("image_embedding"), Optional.of(testCase.input("added_time_ids")));
        }
        return Conditioning.of(testCase.input("text"));
    }

    private static Tensor timestep(Fixture.Case testCase, Layout layout) {
        Tensor timestep = testCase.input("timestep").to(ScalarType.Float).flatten();
        return timestep.size(0) == layout.batch() ? timestep : timestep.expand(layout.batch());
    }

    /** The reference's axis order of each family beside ours, [B,C,F,h,w]. */
    private record Layout(long batch, boolean image, boolean framesFirst) {
        static Layout of(UNet unet, Tensor sample) {
            return new Layout(sample.size(0), sample.dim() == 4, unet.config().family() == Family.SPATIO_TEMPORAL);
        }

        Tensor toOurs(Tensor x) {
            return image ? x.unsqueeze(2) : framesFirst ? x.transpose(1, 2) : x;
        }

        Tensor toTheirs(Tensor x) {
            return image ? x.squeeze(2) : framesFirst ? x.transpose(1, 2) : x;
        }
    }
}
