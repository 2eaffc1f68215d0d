package dev.zoetrope.train;

import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Adam with decoupled weight decay, in LibTorch's order of operations:
 *
 * <pre>
 * p *= 1 - lr * decay
 * m = beta1 * m + (1 - beta1) * g
 * v = beta2 * v + (1 - beta2) * g * g
 * p -= lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + eps)
 * </pre>
 *
 * <p>Every parameter decays, also one that the loss does not use. Memory: three tensors of the size of the parameters,
 * one of them scratch.
 *
 * @see <a href="https://arxiv.org/abs/1711.05101">Loshchilov and Hutter, Decoupled Weight Decay Regularization</a>
 */
public final class AdamW implements Optimizer {
    /**
     * The numbers that do not change during a run.
     *
     * @param beta1 memory of the mean gradient, in [0, 1); default 0.9
     * @param beta2 memory of the mean squared gradient, in [0, 1); default 0.999
     * @param epsilon added to the denominator, above 0; default 1e-8
     * @param weightDecay times the learning rate, the part of every weight lost in a step; at least 0
     */
    public record Settings(double beta1, double beta2, double epsilon, double weightDecay) {
        /** @throws ZoetropeException BAD_INPUT if a number is out of its range */
        public Settings {
            if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
                throw ZoetropeException.badInput("the betas of AdamW must be in [0, 1), got %s and %s", beta1, beta2);
            }
            if (!(epsilon > 0 && weightDecay >= 0)) {
                throw ZoetropeException.badInput(
                        "AdamW needs epsilon above 0 and weight decay of at least 0, got %s and %s",
                        epsilon, weightDecay);
            }
        }

        /** The defaults, with this weight decay. */
        public static Settings withWeightDecay(double weightDecay) {
            return new Settings(0.9, 0.999, 1e-8, weightDecay);
        }
    }

    private final FlatParameters parameters;
    private final Settings settings;
    private final Tensor mean;
    private final Tensor meanSquare;
    /** Scratch. Allocating it anew in each step costs ten times as long as the step: every page is mapped again. */
    private final Tensor denominator;

    private long steps;

    public AdamW(FlatParameters parameters, Settings settings) {
        this.parameters = parameters;
        this.settings = settings;
        long size = parameters.values().numel();
        this.mean = Scope.own(Tensors.zeros(size));
        this.meanSquare = Scope.own(Tensors.zeros(size));
        this.denominator = Scope.own(Tensors.zeros(size));
    }

    @Override
    public void step(double learningRate) {
        steps++;
        double correction1 = 1 - Math.pow(settings.beta1, steps);
        double correction2 = 1 - Math.pow(settings.beta2, steps);
        try (Scope scope = Scope.noGrad()) {
            Tensor p = parameters.values();
            Tensor g = parameters.gradients();
            if (settings.weightDecay != 0) {
                p.mul_(new Scalar(1 - learningRate * settings.weightDecay));
            }
            mean.mul_(new Scalar(settings.beta1)).add_(g, new Scalar(1 - settings.beta1));
            meanSquare.mul_(new Scalar(settings.beta2)).addcmul_(g, g, new Scalar(1 - settings.beta2));
            torch.sqrt_out(denominator, meanSquare)
                    .div_(new Scalar(Math.sqrt(correction2)))
                    .add_(new Scalar(settings.epsilon));
            p.addcdiv_(mean, denominator, new Scalar(-learningRate / correction1));
        }
    }

    @Override
    public Map<String, Tensor> state() {
        return Map.of("adamw.m", mean, "adamw.v", meanSquare);
    }

    @Override
    public void resume(long completed) {
        steps = completed;
    }

    @Override
    public void close() {
        mean.close();
        meanSquare.close();
        denominator.close();
    }
}
