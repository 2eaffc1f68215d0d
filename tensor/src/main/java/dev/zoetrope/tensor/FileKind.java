package dev.zoetrope.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Recognises weight files, and files that are often taken for them, by their first bytes. */
enum FileKind {
    SAFETENSORS(""),
    TORCH_ZIP(""),
    JSON(""),
    LFS_POINTER("a Git-LFS pointer, not the weights; run `git lfs pull` in its folder, or download the file itself"),
    TORCH_LEGACY(""),
    PICKLE(
            "a Python pickle, but not a file of torch.save; in Python load it and save its state_dict() with torch.save, "
                    + "or as safetensors"),
    GGUF("a GGUF/GGML file; give the safetensors or torch.save file of the model"),
    HDF5("an HDF5 (Keras) file; give the safetensors or torch.save file of the model"),
    NUMPY("a NumPy file; save the arrays as safetensors"),
    COMPRESSED("a compressed archive; unpack it and give the weight file inside"),
    TAR("a tar archive; unpack it and give the weight file inside"),
    HTML("a web page, probably an error page saved by a download; download the weight file itself"),
    TEXT("a text file; give a .safetensors, .pt, .pth, .bin or .ckpt file"),
    EMPTY("empty; fetch it again"),
    UNKNOWN("not a weight file of a known kind; give a .safetensors, .pt, .pth, .bin or .ckpt file");

    private static final int HEAD_BYTES = 512;
    private static final int TAR_MAGIC_OFFSET = 257;
    /** A pickle of the number 0x1950a86a20f9469cfc6c. */
    private static final String LEGACY_MAGIC = "\u0080\2\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019.";

    private final String whyRefused;

    FileKind(String whyRefused) {
        this.whyRefused = whyRefused;
    }

    static FileKind of(MappedFile file) {
        byte[] bytes = file.head(HEAD_BYTES);
        return bytes.length == 0
                ? EMPTY
                : pointer(bytes)
                        .or(() -> safetensors(bytes, file.size()))
                        .or(() -> binary(bytes))
                        .or(() -> text(bytes))
                        .orElse(UNKNOWN);
    }

    /** The error for a file of this kind; BAD_INPUT. */
    ZoetropeException refusal(MappedFile file) {
        return ZoetropeException.badInput("%s: this is %s", file.path(), whyRefused);
    }

    /** @throws ZoetropeException (BAD_INPUT) if the file is a Git-LFS pointer */
    static void refusePointer(MappedFile file) {
        if (of(file) == LFS_POINTER) {
            throw LFS_POINTER.refusal(file);
        }
    }

    private static Optional<FileKind> pointer(byte[] head) {
        return starts(head, 0, "version https://git-lfs") ? Optional.of(LFS_POINTER) : Optional.empty();
    }

    private static Optional<FileKind> safetensors(byte[] head, long fileSize) {
        if (head.length <= SafetensorsHeader.LENGTH_BYTES || head[SafetensorsHeader.LENGTH_BYTES] != '{') {
            return Optional.empty();
        }
        long length = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong();
        boolean plausible = length > 0 && length <= SafetensorsHeader.MAX_HEADER_BYTES && length < fileSize;
        return plausible ? Optional.of(SAFETENSORS) : Optional.empty();
    }

    private static Optional<FileKind> binary(byte[] head) {
        if (starts(head, 0, "PK\3\4") || starts(head, 0, "PK\5\6")) {
            return Optional.of(TORCH_ZIP);
        }
        if (starts(head, 0, "GGUF") || starts(head, 0, "tjgg") || starts(head, 0, "lmgg") || starts(head, 0, "fmgg")) {
            return Optional.of(GGUF);
        }
        if (starts(head, 0, LEGACY_MAGIC)) {
            return Optional.of(TORCH_LEGACY);
        }
        if (head.length > 1 && (head[0] & 0xFF) == 0x80 && head[1] >= 2 && head[1] <= 5) {
            return Optional.of(PICKLE);
        }
        if (starts(head, 0, "\u0089HDF")) {
            return Optional.of(HDF5);
        }
        if (starts(head, 0, "\u0093NUMPY")) {
            return Optional.of(NUMPY);
        }
        if (starts(head, TAR_MAGIC_OFFSET, "ustar")) {
            return Optional.of(TAR);
        }
        boolean compressed = starts(head, 0, "\u001f\u008b") // gzip
                || starts(head, 0, "7z\u00bc\u00af")
                || starts(head, 0, "\u00fd7zXZ")
                || starts(head, 0, "BZh")
                || starts(head, 0, "(\u00b5/\u00fd") // zstd
                || starts(head, 0, "Rar!");
        return compressed ? Optional.of(COMPRESSED) : Optional.empty();
    }

    private static Optional<FileKind> text(byte[] head) {
        for (byte b : head) {
            if (b >= 0 && b < ' ' && b != '\n' && b != '\r' && b != '\t') {
                return Optional.empty();
            }
        }
        String text = new String(head, StandardCharsets.UTF_8).strip().toLowerCase(Locale.ROOT);
        if (text.startsWith("<!doctype") || text.startsWith("<html") || text.startsWith("<?xml")) {
            return Optional.of(HTML);
        }
        return Optional.of(text.startsWith("{") ? JSON : TEXT);
    }

    /** Whether {@code head} has the Latin-1 bytes of {@code magic} at {@code offset}. */
    private static boolean starts(byte[] head, int offset, String magic) {
        byte[] wanted = magic.getBytes(StandardCharsets.ISO_8859_1);
        return head.length >= offset + wanted.length
                && Arrays.equals(head, offset, offset + wanted.length, wanted, 0, wanted.length);
    }
}
