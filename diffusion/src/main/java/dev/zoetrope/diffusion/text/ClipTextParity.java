package dev.zoetrope.diffusion.text;

import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.parity.Fixture;
import dev.zoetrope.tensor.parity.ParityCheck;
import dev.zoetrope.tensor.parity.ParityReport;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/** CLIP text encoders and whole CLIP models against the reference. */
public final class ClipTextParity extends ParityCheck.ForModule {
    private static final String TEXT = "CLIPTextModel";
    private static final String JOINT = "CLIPModel";

    @Override
    protected boolean supportsModule(String module) {
        return module.equals(TEXT) || module.equals(JOINT);
    }

    @Override
    protected void run(Fixture fixture, ParityReport report) {
        if (fixture.module().equals(TEXT)) {
            try (ClipTextEncoder encoder = ClipTextEncoder.load(fixture.folder())) {
                fixture.cases().forEach(testCase -> text(encoder, testCase, report));
            }
        } else {
            try (ClipModel model = ClipModel.load(fixture.folder(), Optional.empty())) {
                fixture.cases().forEach(testCase -> joint(model, testCase, report));
            }
        }
    }

    private static void text(ClipTextEncoder encoder, Fixture.Case testCase, ParityReport report) {
        try (Scope scope = Scope.noGrad()) {
            Tensor ids = testCase.input("input_ids");
            compare(
                    testCase,
                    report,
                    Map.of(
                            "last_hidden_state", () -> encoder.forward(ids),
                            "pooled", () -> encoder.pooled(ids),
                            "penultimate", () -> encoder.hiddenState(ids, 1)));
        }
    }

    private static void joint(ClipModel model, Fixture.Case testCase, ParityReport report) {
        try (Scope scope = Scope.noGrad()) {
            Tensor texts = model.textEmbeddings(testCase.input("input_ids"));
            Tensor images = model.imageEmbeddings(testCase.input("pixel_values"));
            compare(
                    testCase,
                    report,
                    Map.of(
                            "text_embeds", () -> texts,
                            "image_embeds", () -> images,
                            "logits_per_image", () -> model.logitsPerImage(images, texts),
                            "logits_per_text",
                                    () -> model.logitsPerImage(images, texts).t()));
        }
    }

    private static void compare(Fixture.Case testCase, ParityReport report, Map<String, Supplier<Tensor>> ours) {
        for (String output : testCase.outputs()) {
            Supplier<Tensor> value = ours.get(output);
            if (value == null) {
                report.fail(testCase.name(), output, "not an output this check knows");
            } else {
                report.compare(testCase, output, value.get());
            }
        }
    }
}
