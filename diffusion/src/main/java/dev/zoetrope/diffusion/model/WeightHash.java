package dev.zoetrope.diffusion.model;

import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * SHA-256 over the weights of a model: of the lines {@code component sha256-of-file}, in the order of the components, and {@code lora
 * strength sha256-of-file}.
 * Files are streamed; their sums are remembered in this process as long as size and time of change stay.
 */
final class WeightHash {
    private static final int BUFFER_BYTES = 1 << 20;
    private static final Map<Stamp, String> KNOWN = new ConcurrentHashMap<>();

    private record Stamp(Path file, long size, FileTime modified) {}

    private WeightHash() {}

    static String of(List<ModelComponent> components, List<ModelOptions.Lora> loras) {
        MessageDigest digest = sha256();
        for (ModelComponent component : components) {
            for (Path file : component.files()) {
                String line = component.name() + " " + ofFile(file) + "\n";
                digest.update(line.getBytes(StandardCharsets.UTF_8));
            }
        }
        for (ModelOptions.Lora lora : loras) {
            String line = "lora " + lora.strength() + " " + ofFile(lora.file()) + "\n";
            digest.update(line.getBytes(StandardCharsets.UTF_8));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static String ofFile(Path file) {
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
        MessageDigest digest = sha256();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
