package dev.zoetrope.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Thousands of damaged files: each either opens or is refused with our own exception, whatever the bytes say. */
class WeightFilesFuzzTest {
    private static final int ROUNDS = 3000;
    private static final int FEW_ROUNDS = 1000;
    /** Values at which size checks go wrong. */
    private static final long[] EDGES = {
        0, 1, -1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, Integer.MAX_VALUE, 1L << 31, Long.MIN_VALUE
    };

    @TempDir
    Path folder;

    @Test
    void mutatedSafetensors() throws IOException {
        Path path = folder.resolve("seed.safetensors");
        Map<String, SafetensorsWriter.Content> tensors = Map.of(
                "a", SafetensorsTest.content(Dtype.F32, 2, 3),
                "b", SafetensorsTest.content(Dtype.BF16, 0),
                "c", SafetensorsTest.content(Dtype.I64));
        SafetensorsWriter.write(path, tensors, Map.of("k", "v"));
        assertThat(mutate(Files.readAllBytes(path), "x.safetensors", ROUNDS, 1))
                .isBetween(ROUNDS / 100, ROUNDS * 3 / 4);
    }

    @Test
    void mutatedZipFiles() throws IOException {
        byte[] bytes = new TinyPickleArchive(pickle())
                .with("data/0", PytorchFileTest.floats(3))
                .stored();
        assertThat(mutate(bytes, "x.pt", ROUNDS, 2)).isBetween(ROUNDS / 100, ROUNDS * 3 / 4);
    }

    @Test
    void mutatedPicklesInWholeZipFiles() throws IOException {
        byte[] pickle = pickle();
        SplittableRandom random = new SplittableRandom(3);
        int opened = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] mutated = mutated(pickle, random);
            byte[] bytes = new TinyPickleArchive(mutated)
                    .with("data/0", PytorchFileTest.floats(3))
                    .stored();
            opened += opens(bytes, "x.pt", "round " + round) ? 1 : 0;
        }
        assertThat(opened).isBetween(ROUNDS / 100, ROUNDS * 3 / 4);
    }

    @Test
    void mutatedFilesOfTheOldFormat() throws IOException {
        byte[] bytes = PytorchFileTest.legacy(1001, 1, pickle(), "0", 3);
        assertThat(mutate(bytes, "x.pth", FEW_ROUNDS, 4)).isBetween(FEW_ROUNDS / 100, FEW_ROUNDS * 3 / 4);
    }

    @Test
    void mutatedIndexes() throws IOException {
        SafetensorsWriter.write(folder.resolve("s"), Map.of("a", SafetensorsTest.content(Dtype.F32)), Map.of());
        byte[] index =
                "{\"metadata\":{\"total_size\":4},\"weight_map\":{\"a\":\"s\"}}".getBytes(StandardCharsets.UTF_8);
        assertThat(mutate(index, "x.index.json", FEW_ROUNDS, 5)).isBetween(FEW_ROUNDS / 100, FEW_ROUNDS * 3 / 4);
    }

    private static byte[] pickle() {
        TinyPickle pickle = TinyPickle.start().op('}', 'q', 0, '(');
        pickle.text("epoch")
                .integer(3)
                .text("optimizer")
                .op('}')
                .integer(0)
                .tensor()
                .op('s');
        pickle.text("state_dict").orderedDict().op('(').text("w").tensor();
        pickle.text("t").tensor("FloatStorage", "0", 3, 0, new long[] {3, 1}, 1, 3);
        pickle.text("e").tensor("FloatStorage", "0", 3, 1, new long[] {2, 2}, 0, 1);
        return pickle.op('u', 'u').stop();
    }

    /** Opens {@code rounds} mutations and returns how many were accepted. */
    private int mutate(byte[] seed, String fileName, int rounds, long randomSeed) throws IOException {
        SplittableRandom random = new SplittableRandom(randomSeed);
        assertThat(opens(seed, fileName, "unchanged")).isTrue();
        int opened = 0;
        for (int round = 0; round < rounds; round++) {
            opened += opens(mutated(seed, random), fileName, "round " + round) ? 1 : 0;
        }
        return opened;
    }

    /** Opens a file and reads all its tensors; anything but success or our exception fails the test. */
    private boolean opens(byte[] bytes, String fileName, String what) throws IOException {
        Path path = folder.resolve(fileName);
        Files.deleteIfExists(path); // shortening a file that is still mapped thousands of times is slow
        Files.write(path, bytes);
        try (WeightSource source = WeightFiles.open(path)) {
            for (WeightEntry entry : new TreeMap<>(source.entries()).values()) {
                assertThat((long) source.bytes(entry.name()).remaining()).isEqualTo(entry.byteSize());
            }
            return true;
        } catch (ZoetropeException e) {
            assertThat(e.code()).isIn(ErrorCode.BAD_INPUT, ErrorCode.CHECKPOINT_MISMATCH);
            assertThat(e.getMessage()).contains(fileName).hasSizeLessThan(3000);
            return false;
        } catch (Throwable e) {
            return fail(what, e);
        }
    }

    private static byte[] mutated(byte[] seed, SplittableRandom random) {
        byte[] bytes = seed.clone();
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes && bytes.length > 8; i++) {
            bytes = change(bytes, random);
        }
        return bytes;
    }

    private static byte[] change(byte[] bytes, SplittableRandom random) {
        int at = random.nextInt(bytes.length);
        int to = at + random.nextInt(Math.min(bytes.length - at, 64) + 1);
        switch (random.nextInt(7)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[at] = (byte) random.nextInt(256);
            case 2 -> Arrays.fill(bytes, at, to, (byte) random.nextInt(256));
            case 3 -> edge(bytes, Math.min(at, bytes.length - 8), random);
            case 4 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 5 -> {
                return join(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, to, bytes.length));
            }
            default -> {
                return join(Arrays.copyOf(bytes, to), Arrays.copyOfRange(bytes, at, bytes.length));
            }
        }
        return bytes;
    }

    private static void edge(byte[] bytes, int at, SplittableRandom random) {
        long value = EDGES[random.nextInt(EDGES.length)];
        ByteBuffer target = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        switch (random.nextInt(3)) {
            case 0 -> target.putShort(at, (short) value);
            case 1 -> target.putInt(at, (int) value);
            default -> target.putLong(at, value);
        }
    }

    private static byte[] join(byte[] a, byte[] b) {
        byte[] joined = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, joined, a.length, b.length);
        return joined;
    }
}
