package dev.zoetrope.vidrd.parity;

import dev.zoetrope.diffusion.autoencoder.AutoencoderConfig;
import dev.zoetrope.diffusion.autoencoder.AutoencoderKL;
import dev.zoetrope.diffusion.autoencoder.OldAttentionNames;
import dev.zoetrope.diffusion.autoencoder.Posterior;
import dev.zoetrope.diffusion.autoencoder.Tiles;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.parity.Fixture;
import dev.zoetrope.tensor.parity.ParityCheck;
import dev.zoetrope.tensor.parity.ParityReport;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** VidRD's autoencoder: decoding clips, images and tiles, gradients, and encoding. Taps inside it are not compared. */
public final class TemporalDecoderParity extends ParityCheck.ForModule {
    @Override
    protected boolean supportsModule(String module) {
        return module.startsWith("vae.vae.TemporalAutoencoderKL");
    }

    @Override
    protected void run(Fixture fixture, ParityReport report) {
        AutoencoderConfig config = AutoencoderConfig.parse(fixture.config());
        try (AutoencoderKL autoencoder = AutoencoderKL.load(config, fixture.weights())) {
            for (Fixture.Case testCase : fixture.cases()) {
                try (Scope scope = Scope.open()) {
                    run(autoencoder, testCase, report);
                }
            }
        }
    }

    private static void run(AutoencoderKL autoencoder, Fixture.Case testCase, ParityReport report) {
        if (testCase.args().path("kind").asText().equals("encode")) {
            encode(autoencoder, testCase, report);
        } else if (testCase.args().has("grad")) {
            gradients(autoencoder, testCase, report);
        } else {
            report.compare(testCase, "pixels", decode(autoencoder, testCase));
        }
    }

    private static Tensor decode(AutoencoderKL autoencoder, Fixture.Case testCase) {
        Tensor latents = testCase.input("latents");
        long frames = testCase.args().path("num_frames").asLong(1);
        if (!testCase.args().has("tile_latent")) {
            return autoencoder.decode(latents, frames);
        }
        long in = testCase.args().path("tile_latent").asLong();
        long out = testCase.args().path("tile_sample").asLong();
        return new Tiles(in, out).run(latents, tile -> autoencoder.decode(tile, frames));
    }

    private static void encode(AutoencoderKL autoencoder, Fixture.Case testCase, ParityReport report) {
        Posterior posterior = autoencoder.encode(testCase.input("pixels"));
        report.compare(testCase, "mean", posterior.mean());
        report.compare(testCase, "logvar", posterior.logVariance());
        report.compare(testCase, "std", torch.exp(Ops.mul(posterior.logVariance(), 0.5)));
    }

    private static void gradients(AutoencoderKL autoencoder, Fixture.Case testCase, ParityReport report) {
        try (Scope scope = Scope.withGrad()) {
            Leaves leaves = new Leaves(autoencoder.parameters());
            Tensor latents = leaves.input("latents", testCase.input("latents"));
            testCase.args()
                    .path("grad")
                    .forEach(name -> leaves.parameter(name.asText(), OldAttentionNames.newName(name.asText())));
            Tensor pixels = autoencoder.decode(
                    latents, testCase.args().path("num_frames").asLong(1));
            Tensor loss = Ops.meanSquare(pixels, testCase.input("target"));
            report.compare(testCase, "pixels", pixels);
            report.compare(testCase, "loss", loss.view(1));
            leaves.compare(loss, testCase, report);
        }
    }
}
