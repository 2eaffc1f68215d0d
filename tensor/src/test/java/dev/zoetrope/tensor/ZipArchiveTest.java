package dev.zoetrope.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Archives are written by hand here, because the JDK writes zip64 records only for really large files. */
class ZipArchiveTest {
    private static final byte[] NAME = "a".getBytes(StandardCharsets.UTF_8);
    private static final int CENTRAL = 30 + 1 + 4;
    private static final int END = CENTRAL + 46 + 1 + 28;

    @TempDir
    Path folder;

    /** One stored member "a" of four bytes, with all its sizes in zip64 fields. */
    private static ByteBuffer zip64() {
        ByteBuffer zip = ByteBuffer.allocate(END + 56 + 20 + 22).order(ByteOrder.LITTLE_ENDIAN);
        zip.putInt(0x04034b50).position(26);
        zip.putShort((short) 1).putShort((short) 0).put(NAME).putInt(0x04030201);
        zip.putInt(0x02014b50).position(CENTRAL + 20);
        zip.putInt(-1).putInt(-1).putShort((short) 1).putShort((short) 28).position(CENTRAL + 42);
        zip.putInt(-1).put(NAME);
        zip.putShort((short) 1).putShort((short) 24).putLong(4).putLong(4).putLong(0);
        zip.putInt(0x06064b50).putLong(44).position(END + 24);
        zip.putLong(1).putLong(1).putLong(END - CENTRAL).putLong(CENTRAL);
        zip.putInt(0x07064b50).putInt(0).putLong(END).putInt(1);
        zip.putInt(0x06054b50).position(END + 76 + 8);
        zip.putShort((short) -1).putShort((short) -1).putInt(-1).putInt(-1).putShort((short) 0);
        return zip;
    }

    private MappedFile write(ByteBuffer zip) throws IOException {
        byte[] bytes = new byte[zip.capacity()];
        zip.get(0, bytes);
        return MappedFile.open(Files.write(folder.resolve("x.pt"), bytes));
    }

    @Test
    void sizesOf64BitsAreRead() throws IOException {
        try (MappedFile file = write(zip64())) {
            ZipArchive zip = new ZipArchive(file);
            assertThat(zip.names()).containsExactly("a");
            assertThat(zip.size("a")).isEqualTo(4);
            assertThat(zip.storedAt("a")).isEqualTo(31);
            assertThat(zip.small("a", 4).getInt()).isEqualTo(0x04030201);
            assertThatThrownBy(() -> zip.small("a", 3)).hasMessageContaining("at most 3 are allowed");
            assertThatThrownBy(() -> zip.size("b")).hasMessageContaining("member b is missing");
        }
    }

    static Stream<Arguments> damages() {
        return Stream.of(
                damage("garbled", zip -> zip.putInt(CENTRAL, 0)),
                damage("garbled", zip -> zip.putShort(CENTRAL + 28, (short) 500)),
                damage("lacks a 64-bit size", zip -> zip.putShort(CENTRAL + 47, (short) 2)),
                damage("lacks a 64-bit size", zip -> zip.putShort(CENTRAL + 49, (short) 16)),
                damage("impossible sizes", zip -> zip.putLong(CENTRAL + 51, -1)),
                damage("impossible sizes", zip -> zip.putLong(CENTRAL + 67, Long.MAX_VALUE)),
                damage(
                        "does not fit",
                        zip -> zip.putLong(CENTRAL + 51, Long.MAX_VALUE).putLong(CENTRAL + 59, Long.MAX_VALUE)),
                damage("compressed", zip -> zip.putLong(CENTRAL + 59, 3)),
                damage("compressed", zip -> zip.putShort(CENTRAL + 10, (short) 9)),
                damage("encrypted", zip -> zip.putShort(CENTRAL + 8, (short) 1)),
                damage("not where the directory says", zip -> zip.putLong(CENTRAL + 67, 1)),
                damage("instead of 2", zip -> zip.putLong(END + 32, 2)),
                damage("impossible sizes", zip -> zip.putLong(END + 32, Long.MAX_VALUE)),
                damage("impossible sizes", zip -> zip.putLong(END + 40, Long.MAX_VALUE)),
                damage("impossible sizes", zip -> zip.putLong(END + 48, Long.MAX_VALUE)),
                damage("impossible sizes", zip -> zip.putLong(END + 48, -1)),
                damage("not where it should be", zip -> zip.putInt(END, 0)),
                damage("outside the file", zip -> zip.putLong(END + 56 + 8, Long.MAX_VALUE)),
                damage("outside the file", zip -> zip.putLong(END + 56 + 8, -1)),
                damage("is missing", zip -> zip.putInt(END + 76, 0)));
    }

    private static Arguments damage(String message, Consumer<ByteBuffer> change) {
        return Arguments.of(message, change);
    }

    @ParameterizedTest
    @MethodSource("damages")
    void damagedArchivesAreRefused(String message, Consumer<ByteBuffer> change) throws IOException {
        ByteBuffer zip = zip64();
        change.accept(zip);
        try (MappedFile file = write(zip)) {
            assertThatThrownBy(() -> new ZipArchive(file).storedAt("a"))
                    .isInstanceOf(ZoetropeException.class)
                    .hasMessageContaining("x.pt")
                    .hasMessageContaining(message);
        }
    }
}
