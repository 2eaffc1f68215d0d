package dev.zoetrope.vidrd.parity;

import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.denoiser.DenoiserOutput;
import dev.zoetrope.diffusion.denoiser.DenoiserRequest;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.diffusion.unet.UNetLoader;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.parity.Fixture;
import dev.zoetrope.tensor.parity.ParityCheck;
import dev.zoetrope.tensor.parity.ParityReport;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** VidRD's U-Net: outputs, taps, and gradients with respect to latents, text and parameters. */
public final class TemporalUNetParity extends ParityCheck.ForModule {
    private static final String TAP = "tap.";
    private static final Set<String> BLOCK_PARTS = Set.of("attn1", "attn2", "temp_attn", "ff");

    @Override
    protected boolean supportsModule(String module) {
        return module.startsWith("model.modules.unet.UNet3DConditionModel");
    }

    @Override
    protected void run(Fixture fixture, ParityReport report) {
        try (UNet unet = UNetLoader.load(fixture.config(), fixture.weights())) {
            for (Fixture.Case testCase : fixture.cases()) {
                try (Scope scope = Scope.open()) {
                    if (testCase.args().has("grad")) {
                        gradients(unet, testCase, report);
                    } else {
                        outputs(unet, testCase, report);
                    }
                }
            }
        }
    }

    private static Tensor timestep(Fixture.Case testCase, Tensor sample) {
        Tensor timestep = testCase.input("timestep").to(ScalarType.Float).flatten();
        return timestep.size(0) == sample.size(0) ? timestep : timestep.expand(sample.size(0));
    }

    private static void outputs(UNet unet, Fixture.Case testCase, ParityReport report) {
        Set<String> taps = new TreeSet<>();
        testCase.outputs().stream()
                .filter(name -> name.startsWith(TAP))
                .map(TemporalUNetParity::path)
                .forEach(taps::add);
        Tensor sample = testCase.input("sample");
        DenoiserOutput out = unet.forward(
                sample,
                timestep(testCase, sample),
                Conditioning.of(testCase.input("text")),
                DenoiserRequest.tapping(taps.toArray(new String[0])));
        for (String output : testCase.outputs()) {
            if (output.startsWith(TAP)) {
                Tensor theirs = testCase.expected(output);
                report.compare(testCase, output, likeTheirs(out.tap(path(output)), theirs));
            } else {
                report.compare(testCase, output, out.prediction());
            }
        }
    }

    /** {@code tap.down_blocks.0.attn1} is that part of the block's first transformer. */
    private static String path(String output) {
        String name = output.substring(TAP.length());
        int dot = name.lastIndexOf('.');
        return BLOCK_PARTS.contains(name.substring(dot + 1))
                ? name.substring(0, dot) + ".attentions.0.transformer_blocks.0" + name.substring(dot)
                : name;
    }

    /** Ours folds frames into the batch where the reference has [B,C,F,h,w]. */
    private static Tensor likeTheirs(Tensor ours, Tensor theirs) {
        return theirs.dim() == 5 && ours.dim() == 4
                ? ours.unflatten(0, theirs.size(0), theirs.size(2)).transpose(1, 2)
                : ours;
    }

    private static void gradients(UNet unet, Fixture.Case testCase, ParityReport report) {
        try (Scope scope = Scope.withGrad()) {
            Leaves leaves = new Leaves(unet.parameters());
            Tensor sample = leaves.input("sample", testCase.input("sample"));
            Tensor text = leaves.input("text", testCase.input("text"));
            testCase.args().path("grad").forEach(name -> leaves.parameter(name.asText(), name.asText()));
            Tensor out = unet.predict(sample, timestep(testCase, sample), Conditioning.of(text));
            Tensor loss = Ops.meanSquare(out, testCase.input("target"));
            report.compare(testCase, "sample", out);
            report.compare(testCase, "loss", loss.view(1));
            leaves.compare(loss, testCase, report);
        }
    }
}
