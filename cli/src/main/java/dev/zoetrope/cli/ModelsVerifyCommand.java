package dev.zoetrope.cli;

import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code zoetrope models verify}. */
@Command(
        name = "verify",
        header = "Load every weight of a model and check it.",
        description = {
            "Every tensor must be there, of the right shape and finite, and nothing may be left over.",
            "Prints the parameters of each part and the SHA-256 that outputs carry."
        })
final class ModelsVerifyCommand implements Callable<Integer> {
    private final Shell shell;

    @Mixin
    private final ModelChoice choice = new ModelChoice();

    ModelsVerifyCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        try (VideoModel model = choice.open()) {
            shell.startEngine();
            if (model.textConfig().isPresent()) {
                shell.out()
                        .printf("%-14s %d ids%n", "tokenizer", model.tokenizer().vocabularySize());
                check("text_encoder", model.textEncoder());
                model.releaseTextEncoder();
            }
            check("vae", model.autoencoder());
            model.releaseAutoencoder();
            check("unet", model.denoiser());
            model.releaseDenoiser();
            shell.out().printf("%-14s %s%n", "sha256", model.hash());
            shell.out().println("every weight is in its place");
        }
        return 0;
    }

    private void check(String name, Layer network) {
        for (Map.Entry<String, Parameter> entry : network.parameters().entrySet()) {
            try (Scope scope = Scope.noGrad()) {
                double sum = Tensors.item(entry.getValue().value().abs().sum());
                if (!Double.isFinite(sum)) {
                    throw ZoetropeException.checkpoint("%s.%s has values that are not finite", name, entry.getKey());
                }
            }
        }
        shell.out()
                .printf(
                        "%-14s %s parameters in %d tensors%n",
                        name,
                        Texts.count(network.parameterCount()),
                        network.parameters().size());
    }
}
