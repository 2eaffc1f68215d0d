package dev.zoetrope.tensor;

import dev.zoetrope.tensor.PickleValue.Storage;
import dev.zoetrope.tensor.PickleValue.TensorRef;
import dev.zoetrope.tensor.PytorchContents.Range;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of {@code torch.save} ({@code .pt}, {@code .pth}, {@code .bin}, {@code .ckpt}), in the zip format or the one
 * before PyTorch 1.6: a pickled object, and the data of its tensors beside it.
 *
 * <p>The pickle is read by a restricted machine ({@link Pickle}) that executes nothing: objects of foreign classes are
 * inert. Contiguous tensors are views of the mapped file, others are gathered when they are read.
 */
public final class PytorchFile implements WeightSource {
    private static final Logger log = LoggerFactory.getLogger(PytorchFile.class);

    private final MappedFile file;
    private final StateDict dict;
    private final SortedMap<String, StridedTensor> tensors = new TreeMap<>();
    private final SortedMap<String, WeightEntry> entries;

    private PytorchFile(MappedFile file, PytorchContents contents, Function<PickleValue, StateDict> select) {
        this.file = file;
        this.dict = select.apply(contents.root());
        SortedMap<String, WeightEntry> found = new TreeMap<>();
        dict.tensors().forEach((name, reference) -> {
            if (reference.storage().dtype().isPresent()) {
                StridedTensor tensor = locate(
                        contents, name, reference, reference.storage().dtype().get());
                tensors.put(name, tensor);
                found.put(name, tensor.entry());
            } else {
                dict.others().put(name, reference.storage().type());
            }
        });
        if (found.isEmpty()) {
            throw ZoetropeException.badInput(
                    "%s: none of its tensors has a type that is read (%s); save them as float32",
                    file.path(), Messages.list(dict.others().values()));
        }
        this.entries = Collections.unmodifiableSortedMap(found);
        log.debug(
                "{}: {} tensors, ignored {}",
                file.path(),
                entries.size(),
                Messages.list(dict.others().keySet()));
    }

    /**
     * Opens a file and finds its state dict: the saved dictionary itself, or the one under a usual key such as {@code
     * state_dict} or {@code model}, or the only one with tensors. Values that are no tensors are ignored.
     *
     * @throws ZoetropeException BAD_INPUT, with advice, if it is no such file, has no tensors or several state dicts;
     *     CHECKPOINT_MISMATCH if it is damaged; IO if it cannot be read
     */
    public static PytorchFile open(Path path) {
        return open(path, root -> StateDict.find(root, path.toString()));
    }

    /**
     * As {@link #open(Path)}, with the dictionary named.
     *
     * @param dictPath keys that lead to it, joined by dots, such as {@code generator.state_dict}; empty for the whole
     *     file. Tensors of dictionaries inside it get names joined by dots.
     */
    public static PytorchFile open(Path path, String dictPath) {
        return open(path, root -> StateDict.at(root, dictPath, path.toString()));
    }

    private static PytorchFile open(Path path, Function<PickleValue, StateDict> select) {
        MappedFile file = MappedFile.open(path);
        try {
            return new PytorchFile(file, contents(file), select);
        } catch (Throwable e) {
            file.close();
            throw e;
        }
    }

    private static PytorchContents contents(MappedFile file) {
        FileKind kind = FileKind.of(file);
        return switch (kind) {
            case TORCH_ZIP -> PytorchZip.read(file);
            case TORCH_LEGACY -> PytorchLegacy.read(file);
            case SAFETENSORS -> throw ZoetropeException.badInput("%s: a safetensors file; open it as one", file.path());
            default -> throw kind.refusal(file);
        };
    }

    private StridedTensor locate(PytorchContents contents, String name, TensorRef reference, Dtype dtype) {
        WeightEntry entry;
        try {
            entry = new WeightEntry(name, dtype, reference.size());
        } catch (ZoetropeException e) {
            throw ZoetropeException.checkpoint("%s: %s", file.path(), e.getMessage());
        }
        Storage storage = reference.storage();
        StridedTensor.check(file.path().toString(), entry, reference.offset(), reference.stride(), storage.elements());
        Optional<Range> range = contents.find().apply(storage);
        if (range.isEmpty() || storage.elements() > range.get().length() / dtype.bytes()) {
            throw ZoetropeException.checkpoint(
                    "%s: the data of tensor '%s' (%d elements %s, storage %s) is missing or cut short; fetch it again",
                    file.path(), Messages.clip(name), storage.elements(), dtype, Messages.clip(storage.key()));
        }
        long start = range.get().start() + reference.offset() * dtype.bytes();
        return new StridedTensor(entry, start, reference.stride(), storage.elements());
    }

    /** Keys that lead to the state dict in the file, joined by dots; empty if it is the whole file. */
    public String dictPath() {
        return dict.path();
    }

    @Override
    public SortedMap<String, WeightEntry> entries() {
        return entries;
    }

    /** Always empty: the format has none. */
    @Override
    public Map<String, String> metadata() {
        return Map.of();
    }

    @Override
    public String description() {
        return file.path().toString();
    }

    @Override
    public WeightEntry entry(String name) {
        String type = dict.others().get(name);
        if (type != null) {
            throw ZoetropeException.checkpoint(
                    "%s: '%s' is of type %s, which is not read; save it as a plain tensor of type float32",
                    description(), Messages.clip(name), Messages.clip(type));
        }
        return WeightSource.super.entry(name);
    }

    @Override
    public ByteBuffer bytes(String name) {
        entry(name);
        StridedTensor tensor = Objects.requireNonNull(tensors.get(name));
        return tensor.isContiguous() ? WeightRanges.whole(this, name) : tensor.gather(file);
    }

    @Override
    public ByteBuffer bytes(String name, long offset, int length) {
        WeightRanges.check(this, entry(name), offset, length);
        StridedTensor tensor = Objects.requireNonNull(tensors.get(name));
        return tensor.isContiguous()
                ? file.view(tensor.start() + offset, length)
                : WeightRanges.slice(this, name, offset, length);
    }

    @Override
    public void close() {
        file.close();
    }
}
