package dev.zoetrope.tensor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * SHA-256 of files and texts. Files are streamed; their sums are remembered in this process as long as size and time of change stay.
 */
public final class Sha256 {
    private static final int BUFFER_BYTES = 1 << 20;
    private static final Map<Stamp, String> KNOWN = new ConcurrentHashMap<>();

    private record Stamp(Path file, long size, FileTime modified) {}

    private Sha256() {}

    /**
     * 64 lower-case hexadecimal digits.
     *
     * @throws ZoetropeException IO if the file cannot be read
     */
    public static String of(Path file) {
        try {
            Path real = file.toRealPath();
            Stamp stamp = new Stamp(real, Files.size(real), Files.getLastModifiedTime(real));
            String known = KNOWN.get(stamp);
            if (known == null) {
                known = read(real);
                KNOWN.put(stamp, known);
            }
            return known;
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot read %s: %s", file, e.getMessage());
        }
    }

    private static String read(Path file) throws IOException {
        MessageDigest digest = newDigest();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** 64 lower-case hexadecimal digits of a text in UTF-8. */
    public static String of(String text) {
        return HexFormat.of().formatHex(newDigest().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
