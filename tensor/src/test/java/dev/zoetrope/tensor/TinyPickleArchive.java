package dev.zoetrope.tensor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Puts a pickle and storages into a zip archive as torch.save does: members stored, not compressed. */
final class TinyPickleArchive {
    private final Map<String, byte[]> members = new LinkedHashMap<>();

    TinyPickleArchive(byte[] pickle) {
        with("data.pkl", pickle);
        with("byteorder", "little".getBytes(StandardCharsets.UTF_8));
    }

    /** A member below the root folder; replaces one of the same name. */
    TinyPickleArchive with(String name, byte[] content) {
        members.put("archive/" + name, content);
        return this;
    }

    TinyPickleArchive without(String name) {
        members.remove("archive/" + name);
        return this;
    }

    byte[] stored() {
        return zip(ZipEntry.STORED);
    }

    byte[] compressed() {
        return zip(ZipEntry.DEFLATED);
    }

    private byte[] zip(int method) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> member : members.entrySet()) {
                zip.putNextEntry(entry(member.getKey(), member.getValue(), method));
                zip.write(member.getValue());
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static ZipEntry entry(String name, byte[] content, int method) {
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(method);
        if (method == ZipEntry.STORED) {
            CRC32 crc = new CRC32();
            crc.update(content);
            entry.setCrc(crc.getValue());
            entry.setSize(content.length);
        }
        return entry;
    }
}
