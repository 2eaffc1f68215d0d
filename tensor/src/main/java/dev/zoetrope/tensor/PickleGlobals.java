package dev.zoetrope.tensor;

import dev.zoetrope.tensor.PickleValue.Dict;
import dev.zoetrope.tensor.PickleValue.Global;
import dev.zoetrope.tensor.PickleValue.Inert;
import dev.zoetrope.tensor.PickleValue.Int;
import dev.zoetrope.tensor.PickleValue.Items;
import dev.zoetrope.tensor.PickleValue.Storage;
import dev.zoetrope.tensor.PickleValue.TensorRef;
import dev.zoetrope.tensor.PickleValue.Text;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The few Python names that mean something in a checkpoint. Nothing of the file is ever executed: a "call" of one of
 * them builds a plain value here, a call of any other name gives {@link Inert}.
 */
final class PickleGlobals {
    private static final String REBUILD_FROM_TYPE = "torch._tensor._rebuild_from_type_v2";
    private static final Map<String, Dtype> STORAGES = Map.of(
            "FloatStorage", Dtype.F32,
            "HalfStorage", Dtype.F16,
            "BFloat16Storage", Dtype.BF16,
            "DoubleStorage", Dtype.F64,
            "LongStorage", Dtype.I64,
            "IntStorage", Dtype.I32,
            "ShortStorage", Dtype.I16,
            "CharStorage", Dtype.I8,
            "ByteStorage", Dtype.U8,
            "BoolStorage", Dtype.BOOL);

    private PickleGlobals() {}

    /** The value of {@code callee(*arguments)}. */
    static PickleValue call(PickleValue callee, PickleValue arguments) {
        if (!(callee instanceof Global global)) {
            return callee instanceof Inert ? callee : new Inert("object");
        }
        List<PickleValue> values = arguments instanceof Items items ? items.values : List.of();
        return switch (global.name()) {
            case "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor" -> tensor(global, values);
            case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state" ->
                values.isEmpty() ? new Inert(global.name()) : values.get(0);
            case REBUILD_FROM_TYPE -> fromType(values);
            case "collections.OrderedDict", "builtins.dict", "__builtin__.dict" -> dict(values);
            case "collections.defaultdict" -> new Dict();
            default -> new Inert(global.name());
        };
    }

    /** The storage that a persistent id names: {@code ("storage", type, key, device, elements)}; the old format adds a view, long unused. */
    static PickleValue storage(PickleValue id) {
        List<PickleValue> values = id instanceof Items items ? items.values : List.of();
        boolean known = values.size() >= 5
                && values.get(0) instanceof Text text
                && text.value().equals("storage")
                && values.get(1) instanceof Global
                && values.get(2) instanceof Text
                && values.get(4) instanceof Int
                && (values.size() == 5 || values.get(5) instanceof Inert);
        if (!known) {
            return new Inert("persistent object");
        }
        String type = ((Global) values.get(1)).name();
        return new Storage(type, dtype(type), ((Text) values.get(2)).value(), ((Int) values.get(4)).value());
    }

    private static Optional<Dtype> dtype(String type) {
        for (String prefix : List.of("torch.cuda.", "torch.")) {
            if (type.startsWith(prefix)) {
                return Optional.ofNullable(STORAGES.get(type.substring(prefix.length())));
            }
        }
        return Optional.empty();
    }

    /** {@code (storage, offset, size, stride, ...)}; the rest is about gradients. */
    private static PickleValue tensor(Global global, List<PickleValue> values) {
        if (values.size() >= 4
                && values.get(0) instanceof Storage storage
                && values.get(1) instanceof Int offset
                && values.get(2) instanceof Items size
                && values.get(3) instanceof Items stride) {
            Optional<List<Long>> sizes = size.integers();
            Optional<List<Long>> strides = stride.integers();
            if (sizes.isPresent()
                    && strides.isPresent()
                    && sizes.get().size() == strides.get().size()) {
                return new TensorRef(storage, offset.value(), sizes.get(), strides.get());
            }
        }
        return new Inert(global.name());
    }

    /** A tensor with Python attributes: {@code (function, type, arguments, state)}. */
    private static PickleValue fromType(List<PickleValue> values) {
        boolean nested = values.size() < 3
                || !(values.get(0) instanceof Global function)
                || function.name().equals(REBUILD_FROM_TYPE);
        return nested ? new Inert(REBUILD_FROM_TYPE) : call(values.get(0), values.get(2));
    }

    /** A dictionary, perhaps filled from a list of pairs. */
    private static Dict dict(List<PickleValue> values) {
        Dict dict = new Dict();
        if (!values.isEmpty() && values.get(0) instanceof Items pairs) {
            for (PickleValue pair : pairs.values) {
                if (pair instanceof Items items && items.values.size() == 2) {
                    dict.put(items.values.get(0), items.values.get(1));
                }
            }
        }
        return dict;
    }
}
