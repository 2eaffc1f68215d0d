package dev.zoetrope.tensor;

import dev.zoetrope.tensor.PickleValue.Storage;
import dev.zoetrope.tensor.PytorchContents.Range;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** The format of PyTorch 1.6 and later: a zip archive with {@code data.pkl} and a member {@code data/<key>} a storage. */
final class PytorchZip {
    private static final String PICKLE = "data.pkl";
    private static final int MAX_BYTE_ORDER_BYTES = 16;

    private PytorchZip() {}

    static PytorchContents read(MappedFile file) {
        ZipArchive zip = new ZipArchive(file);
        String root = root(file, zip);
        refuseBigEndian(file, zip, root);
        PickleInput in = new PickleInput(
                zip.small(root + PICKLE, PickleInput.MAX_BYTES), file.path().toString());
        return new PytorchContents(new Pickle(in).run(), storage -> find(zip, root, storage));
    }

    private static Optional<Range> find(ZipArchive zip, String root, Storage storage) {
        String member = root + "data/" + storage.key();
        return zip.contains(member) ? Optional.of(new Range(zip.storedAt(member), zip.size(member))) : Optional.empty();
    }

    /** The folder of the archive that has everything, with its slash. */
    private static String root(MappedFile file, ZipArchive zip) {
        List<String> pickles = zip.names().stream()
                .filter(name -> name.equals(PICKLE) || name.endsWith("/" + PICKLE))
                .filter(name -> name.indexOf('/') == name.lastIndexOf('/'))
                .toList();
        if (pickles.size() != 1) {
            throw ZoetropeException.badInput(
                    "%s: a zip archive, but not one of torch.save (%d members %s); it holds: %s",
                    file.path(), pickles.size(), PICKLE, Messages.list(zip.names()));
        }
        String root = pickles.get(0).substring(0, pickles.get(0).length() - PICKLE.length());
        boolean script = zip.contains(root + "constants.pkl")
                || zip.names().stream().anyMatch(name -> name.startsWith(root + "code/"));
        if (script) {
            throw ZoetropeException.badInput(
                    "%s: a TorchScript program, which is not run; in Python load it with torch.jit.load and save its "
                            + "state_dict() with torch.save, or as safetensors",
                    file.path());
        }
        return root;
    }

    private static void refuseBigEndian(MappedFile file, ZipArchive zip, String root) {
        String member = root + "byteorder";
        if (zip.contains(member)) {
            String order = StandardCharsets.UTF_8
                    .decode(zip.small(member, MAX_BYTE_ORDER_BYTES))
                    .toString();
            if (!order.strip().equals("little")) {
                throw bigEndian(file);
            }
        }
    }

    static ZoetropeException bigEndian(MappedFile file) {
        return ZoetropeException.badInput(
                "%s: its byte order is not 'little'; save it again on a little-endian machine, or as safetensors",
                file.path());
    }
}
