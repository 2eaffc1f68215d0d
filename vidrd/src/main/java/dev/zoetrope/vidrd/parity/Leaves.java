package dev.zoetrope.vidrd.parity;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.parity.Fixture;
import dev.zoetrope.tensor.parity.ParityReport;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.bytedeco.pytorch.Tensor;

/** Inputs and parameters whose gradients a fixture stores, as {@code grad.NAME}. */
final class Leaves {
    private final SortedMap<String, Parameter> parameters;
    private final List<String> names = new ArrayList<>();
    private final List<Tensor> tensors = new ArrayList<>();

    Leaves(SortedMap<String, Parameter> parameters) {
        this.parameters = parameters;
    }

    /** An input, which from now on records gradients. */
    Tensor input(String name, Tensor tensor) {
        names.add(name);
        tensors.add(tensor.requires_grad_(true));
        return tensor;
    }

    /** A parameter; {@code name} is the fixture's, {@code ours} the layer's. */
    void parameter(String name, String ours) {
        Parameter parameter = parameters.get(ours);
        if (parameter == null) {
            throw new IllegalStateException("the network has no parameter " + ours);
        }
        names.add(name);
        tensors.add(parameter.value().requires_grad_(true));
    }

    /** Compares the gradients of a loss, and stops recording. */
    void compare(Tensor loss, Fixture.Case testCase, ParityReport report) {
        List<Tensor> gradients = Ops.gradients(loss, tensors);
        for (int i = 0; i < names.size(); i++) {
            report.compare(testCase, "grad." + names.get(i), gradients.get(i));
            tensors.get(i).requires_grad_(false);
        }
    }
}
