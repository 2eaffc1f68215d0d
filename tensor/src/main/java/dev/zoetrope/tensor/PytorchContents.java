package dev.zoetrope.tensor;

import dev.zoetrope.tensor.PickleValue.Storage;
import java.util.Optional;
import java.util.function.Function;

/**
 * What both formats of torch.save come down to.
 *
 * @param root the saved object
 * @param find where the data of a storage lies in the file; empty if it is missing
 */
record PytorchContents(PickleValue root, Function<Storage, Optional<Range>> find) {
    /** A range of the file, bytes. */
    record Range(long start, long length) {}
}
