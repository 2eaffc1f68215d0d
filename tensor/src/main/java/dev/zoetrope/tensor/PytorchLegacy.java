package dev.zoetrope.tensor;

import dev.zoetrope.tensor.PickleValue.Dict;
import dev.zoetrope.tensor.PickleValue.Int;
import dev.zoetrope.tensor.PickleValue.Items;
import dev.zoetrope.tensor.PickleValue.Storage;
import dev.zoetrope.tensor.PickleValue.Text;
import dev.zoetrope.tensor.PytorchContents.Range;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The format before PyTorch 1.6, in which torchvision and LPIPS publish to this day. Five pickles follow each other
 * (magic number, protocol version, system, object, list of storage keys), then for each key its number of elements, 8
 * bytes, and its data.
 */
final class PytorchLegacy {
    private static final int PROTOCOL = 1001;

    private final MappedFile file;
    private final PickleInput in;

    private PytorchLegacy(MappedFile file) {
        this.file = file;
        ByteBuffer head = file.view(0, (int) Math.min(file.size(), PickleInput.MAX_BYTES));
        this.in = new PickleInput(head, file.path().toString());
    }

    static PytorchContents read(MappedFile file) {
        return new PytorchLegacy(file).read();
    }

    private PytorchContents read() {
        new Pickle(in).run(); // the magic number, by which the file was recognised
        if (!(new Pickle(in).run() instanceof Int protocol) || protocol.value() != PROTOCOL) {
            throw in.damaged("its protocol is not " + PROTOCOL);
        }
        if (new Pickle(in).run() instanceof Dict system
                && system.values.get("little_endian") instanceof Int little
                && little.value() == 0) {
            throw PytorchZip.bigEndian(file);
        }
        Pickle object = new Pickle(in);
        PickleValue root = object.run();
        if (!(new Pickle(in).run() instanceof Items keys)) {
            throw in.damaged("its list of storages is missing");
        }
        Map<String, Range> ranges = ranges(keys, object.storages());
        return new PytorchContents(root, storage -> Optional.ofNullable(ranges.get(storage.key())));
    }

    private Map<String, Range> ranges(Items keys, Map<String, Storage> storages) {
        Map<String, Range> ranges = new HashMap<>();
        long position = in.position();
        for (PickleValue key : keys.values) {
            Storage storage = key instanceof Text text ? storages.get(text.value()) : null;
            if (storage == null || storage.dtype().isEmpty()) {
                throw in.damaged("one of its storages has no type, or one that is not read"
                        + (storage == null ? "" : ": " + Messages.clip(storage.type())));
            }
            long elements = file.view(position, Long.BYTES).getLong();
            position += Long.BYTES;
            int size = storage.dtype().get().bytes();
            if (elements < 0 || elements > (file.size() - position) / size) {
                throw ZoetropeException.checkpoint(
                        "%s: its storage %s of %d elements does not fit into the file; it is cut short, fetch it again",
                        file.path(), Messages.clip(storage.key()), elements);
            }
            ranges.put(storage.key(), new Range(position, elements * size));
            position += elements * size;
        }
        return ranges;
    }
}
