package dev.zoetrope.diffusion.parity;

import dev.zoetrope.diffusion.autoencoder.AutoencoderConfig;
import dev.zoetrope.diffusion.autoencoder.AutoencoderKL;
import dev.zoetrope.diffusion.autoencoder.Posterior;
import dev.zoetrope.tensor.parity.Fixture;
import dev.zoetrope.tensor.parity.ParityCheck;
import dev.zoetrope.tensor.parity.ParityReport;
import org.bytedeco.pytorch.Tensor;

/** Autoencoders: posterior mean and log variance, and decoding. */
public final class AutoencoderParity extends ParityCheck.ForModule {
    @Override
    protected boolean supportsModule(String module) {
        return module.equals(AutoencoderConfig.PLAIN) || module.equals(AutoencoderConfig.TEMPORAL);
    }

    @Override
    protected void run(Fixture fixture, ParityReport report) {
        AutoencoderConfig config = AutoencoderConfig.parse(fixture.config());
        try (AutoencoderKL autoencoder = AutoencoderKL.load(config, fixture.weights())) {
            for (Fixture.Case testCase : fixture.cases()) {
                long frames = testCase.args().path("num_frames").asLong(1);
                if (testCase.hasInput("latent")) {
                    report.compare(testCase, "decoded", autoencoder.decode(testCase.input("latent"), frames));
                }
                if (testCase.hasInput("image")) {
                    Posterior posterior = autoencoder.encode(testCase.input("image"));
                    Tensor decoded = autoencoder.decode(posterior.mean(), frames);
                    report.compare(testCase, "mean", posterior.mean());
                    report.compare(testCase, "logvar", posterior.logVariance());
                    report.compare(testCase, "decoded_from_mean", decoded);
                }
            }
        }
    }
}
