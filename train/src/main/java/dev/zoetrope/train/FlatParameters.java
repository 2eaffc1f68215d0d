package dev.zoetrope.train;

import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The trained parameters of some networks as views of one flat float32 tensor, and their gradients as views of another.
 * Autograd adds into the gradient views in place. An optimizer step, a gradient norm or a moving average is then a
 * handful of tensor operations, whatever the number of parameters.
 *
 * <p>Every parameter starts at a multiple of 64 bytes; the gaps hold zeros and stay zero, since their gradient is zero.
 */
public final class FlatParameters implements AutoCloseable {
    private static final long ALIGNMENT_FLOATS = 16;

    private record Slot(Parameter parameter, long offset) {
        Tensor in(Tensor flat) {
            return flat.narrow(0, offset, parameter.elements()).view(parameter.shape());
        }
    }

    private final Map<String, Slot> slots = new LinkedHashMap<>();
    private final long count;
    private final Tensor values;
    private final Tensor gradients;

    /** As {@link #of(Map, Predicate)}, for all parameters. */
    public static FlatParameters of(Map<String, Layer> modules) {
        return of(modules, name -> true);
    }

    /**
     * Moves the parameters into flat memory and turns their gradients on.
     *
     * @param modules loaded or initialised networks by name; a parameter's name is {@code <module>.<parameter>}
     * @param trained which parameters; the others stay where they are, with gradients off
     * @throws ZoetropeException BAD_INPUT if no parameter is trained
     * @throws IllegalStateException if a network has no values yet
     */
    public static FlatParameters of(Map<String, Layer> modules, Predicate<String> trained) {
        return new FlatParameters(modules, trained);
    }

    private FlatParameters(Map<String, Layer> modules, Predicate<String> trained) {
        long size = place(modules, trained);
        if (slots.isEmpty()) {
            throw ZoetropeException.badInput(
                    "nothing to train: none of the parameters of %s is chosen", modules.keySet());
        }
        count = slots.values().stream()
                .mapToLong(slot -> slot.parameter().elements())
                .sum();
        values = Scope.own(Tensors.zeros(size));
        gradients = Scope.own(Tensors.zeros(size));
        slots.values().forEach(this::attach);
    }

    /** Gives every trained parameter its place and returns the number of floats needed. */
    private long place(Map<String, Layer> modules, Predicate<String> trained) {
        Set<Parameter> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        long[] end = {0};
        new TreeMap<>(modules)
                .forEach((module, layer) -> layer.parameters().forEach((key, parameter) -> {
                    String name = module + "." + key;
                    if (!seen.add(parameter)) {
                        return; // a shared part has the first of its names
                    }
                    if (trained.test(name)) {
                        slots.put(name, new Slot(parameter, end[0]));
                        end[0] += (parameter.elements() + ALIGNMENT_FLOATS - 1) / ALIGNMENT_FLOATS * ALIGNMENT_FLOATS;
                    } else {
                        requireGradient(parameter, false);
                    }
                }));
        return end[0];
    }

    private void attach(Slot slot) {
        try (Scope scope = Scope.noGrad()) {
            Parameter parameter = slot.parameter();
            Tensor place = slot.in(values);
            place.copy_(parameter.value());
            parameter.set(place.detach());
            requireGradient(parameter, true);
            parameter.value().mutable_grad().put(slot.in(gradients).detach());
        }
    }

    private static void requireGradient(Parameter parameter, boolean required) {
        try (Scope scope = Scope.open()) {
            parameter.value().set_requires_grad(required);
        }
    }

    /** All values, [N]; change them in place, without gradients. */
    public Tensor values() {
        return values;
    }

    /** All gradients, [N], summed over the backward passes since {@link #zeroGradients()}. */
    public Tensor gradients() {
        return gradients;
    }

    /** Number of trained scalars, without the gaps. */
    public long count() {
        return count;
    }

    /** The names, sorted by module, then parameter. */
    public Set<String> names() {
        return Collections.unmodifiableSet(slots.keySet());
    }

    /** Views of a flat tensor that is laid out like {@link #values()}, by parameter name. */
    public Map<String, Tensor> split(Tensor flat) {
        Map<String, Tensor> views = new LinkedHashMap<>();
        slots.forEach((name, slot) -> views.put(name, slot.in(flat)));
        return views;
    }

    /** Starts a new sum of gradients. */
    public void zeroGradients() {
        try (Scope scope = Scope.noGrad()) {
            gradients.zero_();
        }
    }

    /** Euclidean norm of all gradients together. */
    public double gradientNorm() {
        try (Scope scope = Scope.noGrad()) {
            return Tensors.item(gradients.norm());
        }
    }

    /** Scales the gradients down so that their norm, which is {@code norm} now, is at most {@code limit}. */
    public void clip(double norm, double limit) {
        double factor = limit / (norm + 1e-6); // as PyTorch's clip_grad_norm_
        if (factor < 1) {
            try (Scope scope = Scope.noGrad()) {
                gradients.mul_(new Scalar(factor));
            }
        }
    }

    /**
     * Checks that the networks still live here: an optimizer step on memory that they left would be lost silently.
     *
     * @throws IllegalStateException if values or gradients of a parameter were replaced since
     */
    public void checkAttached() {
        slots.forEach((name, slot) -> {
            try (Scope scope = Scope.open()) {
                Tensor value = slot.parameter().value();
                if (moved(slot.in(values), value) || moved(slot.in(gradients), value.grad())) {
                    throw new IllegalStateException("parameter " + name + " was replaced while it is being trained");
                }
            }
        });
    }

    private static boolean moved(Tensor place, Tensor tensor) {
        return !tensor.defined()
                || place.data_ptr().address() != tensor.data_ptr().address();
    }

    /** Ends the training of these parameters. The networks keep their values; gradients are off and freed. */
    @Override
    public void close() {
        for (Slot slot : slots.values()) {
            try (Scope scope = Scope.noGrad()) {
                slot.parameter().value().mutable_grad().put(new Tensor());
            }
            requireGradient(slot.parameter(), false);
        }
        values.close();
        gradients.close();
    }
}
