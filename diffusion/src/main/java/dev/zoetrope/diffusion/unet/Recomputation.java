package dev.zoetrope.diffusion.unet;

import dev.zoetrope.diffusion.denoiser.DenoiserOutput;
import dev.zoetrope.diffusion.denoiser.DenoiserRequest;
import dev.zoetrope.diffusion.denoiser.LatentGradient;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of a loss through a U-Net with the memory of one stage (Chen et al., "Training Deep Nets with Sublinear
 * Memory Cost", arXiv:1604.06174): a first evaluation keeps only what passes between stages; then each stage, from the
 * last to the first, is evaluated again with its gradient.
 */
final class Recomputation {
    private final UNet unet;
    private final Tensor latents;
    private final Tensor timeEmbedding;
    private final Tensor context;
    private final DenoiserRequest request;
    private final List<Boundary> boundaries = new ArrayList<>();

    /** What enters a stage: its input, and the skips from the one pushed first. */
    private record Boundary(Tensor x, List<Tensor> skips) {}

    /** The gradient of the loss with respect to what enters a stage; null where it does not depend on it. */
    private record Flow(@Nullable Tensor x, List<@Nullable Tensor> skips) {}

    Recomputation(UNet unet, Tensor latents, Tensor timeEmbedding, Tensor context, DenoiserRequest request) {
        this.unet = unet;
        this.latents = latents;
        this.timeEmbedding = timeEmbedding;
        this.context = context;
        this.request = request;
    }

    /** @param loss a scalar of the output; its graph may not reach the network's inputs on another way */
    LatentGradient gradient(Function<DenoiserOutput, Tensor> loss) {
        try (Scope scope = Scope.noGrad()) {
            DenoiserOutput output = evaluate();
            Map<String, Tensor> seeds = new HashMap<>(); // gradients at the taps
            Tensor predictionSeed = null;
            double value;
            try (Scope differentiated = Scope.withGrad()) {
                Map<String, Tensor> taps = new HashMap<>();
                output.taps().forEach((name, tap) -> taps.put(name, leaf(tap)));
                Tensor prediction = output.hasPrediction() ? leaf(output.prediction()) : null;
                Tensor scalar = loss.apply(new DenoiserOutput(prediction, taps));
                if (scalar.requires_grad()) {
                    scalar.backward();
                }
                value = Tensors.item(scalar);
                taps.forEach((name, tap) -> {
                    Tensor gradient = kept(differentiated, tap);
                    if (gradient != null) {
                        seeds.put(name, gradient);
                    }
                });
                if (prediction != null) {
                    predictionSeed = kept(differentiated, prediction);
                }
            }
            UNetPass sizes = pass(scope);
            Flow flow = new Flow(predictionSeed == null ? null : sizes.fold(predictionSeed), List.of());
            for (int i = boundaries.size() - 1; i >= 0; i--) {
                flow = back(i, flow, seeds);
            }
            Tensor gradient = flow.x() == null
                    ? Ops.mul(latents, 0)
                    : sizes.unfold(flow.x()).contiguous();
            return new LatentGradient(value, scope.keep(gradient));
        }
    }

    private UNetPass pass(Scope scope) {
        return new UNetPass(latents.size(0), latents.size(2), timeEmbedding, context, request, scope);
    }

    /** The evaluation without gradients, noting what passes between stages. */
    private DenoiserOutput evaluate() {
        try (Scope scope = Scope.open()) {
            UNetPass pass = pass(scope);
            Deque<Tensor> skips = new ArrayDeque<>();
            Tensor x = scope.keep(pass.fold(latents));
            try {
                for (int i = 0; i < unet.stages(); i++) {
                    boundaries.add(new Boundary(x, fromFirst(skips)));
                    x = scope.keep(unet.stage(i, x, skips, pass));
                    skips.forEach(scope::keep);
                }
                return new DenoiserOutput(scope.keep(pass.unfold(x).contiguous()), pass.taps());
            } catch (UNetPass.EarlyStop stop) {
                return new DenoiserOutput(null, pass.taps());
            }
        }
    }

    /** From the gradient with respect to what leaves stage {@code i} to that with respect to what enters it. */
    private Flow back(int i, Flow after, Map<String, Tensor> seeds) {
        try (Scope scope = Scope.withGrad()) {
            Boundary entering = boundaries.get(i);
            Tensor x = leaf(entering.x());
            List<Tensor> before =
                    entering.skips().stream().map(Recomputation::leaf).toList();
            Deque<Tensor> skips = new ArrayDeque<>();
            before.forEach(skips::push);
            List<Tensor> terms = new ArrayList<>();
            try (Scope inner = Scope.open()) {
                UNetPass pass = pass(inner);
                try {
                    addTerm(terms, inner.keep(unet.stage(i, x, skips, pass)), after.x());
                } catch (UNetPass.EarlyStop stop) {
                    // What follows the tap has no part in the loss.
                }
                pass.taps().forEach((name, tap) -> addTerm(terms, tap, seeds.get(name)));
                List<Tensor> leaving = fromFirst(skips);
                for (int k = 0; k < Math.min(leaving.size(), after.skips().size()); k++) {
                    if (!isUntouched(before, leaving, k)) {
                        addTerm(terms, leaving.get(k), after.skips().get(k));
                    }
                }
                terms.forEach(inner::keep);
            }
            if (!terms.isEmpty()) {
                Tensor sum = terms.get(0);
                for (Tensor term : terms.subList(1, terms.size())) {
                    sum = sum.add(term);
                }
                sum.backward();
            }
            List<Tensor> leaving = fromFirst(skips);
            List<@Nullable Tensor> skipGradients = new ArrayList<>();
            for (int k = 0; k < before.size(); k++) {
                boolean passed =
                        isUntouched(before, leaving, k) && k < after.skips().size();
                skipGradients.add(passed ? after.skips().get(k) : kept(scope, before.get(k)));
            }
            return new Flow(kept(scope, x), skipGradients);
        }
    }

    /** Whether skip {@code k} went by a stage without being taken: it is the same object then. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isUntouched(List<Tensor> before, List<Tensor> leaving, int k) {
        return k < before.size() && k < leaving.size() && before.get(k) == leaving.get(k);
    }

    /** A scalar whose gradient with respect to {@code output} is {@code gradient}. */
    private static void addTerm(List<Tensor> terms, Tensor output, @Nullable Tensor gradient) {
        if (gradient != null && output.requires_grad()) {
            terms.add(output.mul(gradient).sum());
        }
    }

    private static @Nullable Tensor kept(Scope scope, Tensor leaf) {
        Tensor gradient = leaf.grad();
        // What grad() gives points into the leaf and dies with it: take a handle of its own.
        return gradient.defined() ? scope.keep(new Tensor(gradient)) : null;
    }

    private static Tensor leaf(Tensor value) {
        return value.detach().set_requires_grad(true);
    }

    private static List<Tensor> fromFirst(Deque<Tensor> skips) {
        List<Tensor> list = new ArrayList<>();
        skips.descendingIterator().forEachRemaining(list::add);
        return list;
    }
}
