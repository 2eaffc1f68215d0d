package dev.zoetrope.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The directory of a zip file that is mapped into memory, zip64 included. Unlike {@link java.util.zip.ZipFile} it says
 * where the stored data lies, so that tensors need no copy. Check sums are not verified: torch.save may leave them out.
 */
final class ZipArchive {
    private static final int END_BYTES = 22;
    private static final int END_SIGNATURE = 0x06054b50;
    private static final int MAX_COMMENT_BYTES = 0xFFFF;
    private static final int LOCATOR_BYTES = 20;
    private static final int LOCATOR_SIGNATURE = 0x07064b50;
    private static final int END64_BYTES = 56;
    private static final int END64_SIGNATURE = 0x06064b50;
    private static final int CENTRAL_BYTES = 46;
    private static final int CENTRAL_SIGNATURE = 0x02014b50;
    private static final int LOCAL_BYTES = 30;
    private static final int LOCAL_SIGNATURE = 0x04034b50;
    private static final int STORED = 0;
    private static final int DEFLATED = 8;
    private static final int ENCRYPTED_FLAG = 1;
    private static final int ZIP64_EXTRA = 1;
    private static final long SEE_ZIP64 = 0xFFFFFFFFL;
    private static final int MAX_DIRECTORY_BYTES = 100_000_000;
    private static final int MAX_ENTRIES = 250_000;
    /** Deflate cannot shrink data more than this. */
    private static final long MAX_DEFLATE_RATIO = 1032;

    private final MappedFile file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /** A member of the archive: sizes in bytes, {@code header} the position of its local header in the file. */
    private record Entry(int method, int flags, long packedSize, long size, long header) {}

    /** The central directory: its range in the file and the number of entries it should have. */
    private record Directory(long offset, long size, long count) {}

    /** @throws ZoetropeException (CHECKPOINT_MISMATCH) if the directory is missing or damaged */
    ZipArchive(MappedFile file) {
        this.file = file;
        Directory directory = findDirectory();
        if (directory.offset < 0
                || directory.size < 0
                || directory.size > MAX_DIRECTORY_BYTES
                || directory.size > file.size() - directory.offset
                || directory.count > MAX_ENTRIES) {
            throw damaged("its directory has impossible sizes");
        }
        ByteBuffer bytes = file.view(directory.offset, (int) directory.size);
        while (bytes.hasRemaining()) {
            readEntry(bytes);
        }
        if (entries.size() != directory.count) {
            throw damaged("its directory has " + entries.size() + " entries instead of " + directory.count);
        }
    }

    Collection<String> names() {
        return entries.keySet();
    }

    boolean contains(String name) {
        return entries.containsKey(name);
    }

    /** Where the data of a stored (not compressed) member starts in the file. */
    long storedAt(String name) {
        Entry entry = entry(name);
        if (entry.method != STORED || entry.packedSize != entry.size) {
            throw ZoetropeException.badInput(
                    "%s: its member %s is compressed; unpack it and save it again with torch.save, or as safetensors",
                    file.path(), Messages.clip(name));
        }
        return dataStart(name, entry);
    }

    /** Unpacked size of a member, bytes. */
    long size(String name) {
        return entry(name).size;
    }

    /** The content of a small member, which may be compressed. */
    ByteBuffer small(String name, int maxBytes) {
        Entry entry = entry(name);
        if (entry.size < 0 || entry.size > maxBytes) {
            throw damaged("its member " + Messages.clip(name) + " has " + entry.size + " bytes, at most " + maxBytes
                    + " are allowed");
        }
        return entry.method == DEFLATED ? inflate(name, entry) : file.view(storedAt(name), (int) entry.size);
    }

    private ByteBuffer inflate(String name, Entry entry) {
        if (entry.packedSize < 0 || entry.size > (entry.packedSize + 1) * MAX_DEFLATE_RATIO) {
            throw damaged("its member " + Messages.clip(name) + " claims an impossible compression");
        }
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(file.view(dataStart(name, entry), (int) Math.min(entry.packedSize, Integer.MAX_VALUE)));
            byte[] unpacked = new byte[(int) entry.size];
            int count = 0;
            while (count < unpacked.length) {
                int more = inflater.inflate(unpacked, count, unpacked.length - count);
                if (more == 0) {
                    throw damaged("its member " + Messages.clip(name) + " unpacks to fewer bytes than promised");
                }
                count += more;
            }
            return ByteBuffer.wrap(unpacked).order(ByteOrder.LITTLE_ENDIAN);
        } catch (DataFormatException e) {
            throw damaged("its member " + Messages.clip(name) + " cannot be unpacked");
        } finally {
            inflater.end();
        }
    }

    private Entry entry(String name) {
        return Optional.ofNullable(entries.get(name))
                .orElseThrow(() -> damaged("its member " + Messages.clip(name) + " is missing"));
    }

    /** Local headers repeat name and extra field with lengths of their own, so they have to be read. */
    private long dataStart(String name, Entry entry) {
        ByteBuffer local = file.view(entry.header, LOCAL_BYTES);
        if (local.getInt(0) != LOCAL_SIGNATURE || (entry.flags & ENCRYPTED_FLAG) != 0) {
            throw damaged("its member " + Messages.clip(name) + " is encrypted or not where the directory says");
        }
        long start = entry.header + LOCAL_BYTES + unsignedShort(local, 26) + unsignedShort(local, 28);
        if (entry.packedSize < 0 || entry.packedSize > file.size() - start) {
            throw damaged("its member " + Messages.clip(name) + " does not fit into the file");
        }
        return start;
    }

    private Directory findDirectory() {
        int tailBytes = (int) Math.min(file.size(), END_BYTES + MAX_COMMENT_BYTES);
        ByteBuffer tail = file.view(file.size() - tailBytes, tailBytes);
        for (int at = tailBytes - END_BYTES; at >= 0; at--) {
            if (tail.getInt(at) == END_SIGNATURE && unsignedShort(tail, at + 20) == tailBytes - END_BYTES - at) {
                long end = file.size() - tailBytes + at;
                return zip64Directory(end)
                        .orElse(new Directory(
                                unsignedInt(tail, at + 16), unsignedInt(tail, at + 12), unsignedShort(tail, at + 10)));
            }
        }
        throw damaged("its directory, which comes last, is missing");
    }

    private Optional<Directory> zip64Directory(long end) {
        if (end < LOCATOR_BYTES) {
            return Optional.empty();
        }
        ByteBuffer locator = file.view(end - LOCATOR_BYTES, LOCATOR_BYTES);
        if (locator.getInt(0) != LOCATOR_SIGNATURE) {
            return Optional.empty();
        }
        long at = locator.getLong(8);
        if (at < 0 || at > file.size() - END64_BYTES) {
            throw damaged("its zip64 directory lies outside the file");
        }
        ByteBuffer end64 = file.view(at, END64_BYTES);
        if (end64.getInt(0) != END64_SIGNATURE) {
            throw damaged("its zip64 directory is not where it should be");
        }
        return Optional.of(new Directory(end64.getLong(48), end64.getLong(40), end64.getLong(32)));
    }

    private void readEntry(ByteBuffer directory) {
        int at = directory.position();
        if (directory.remaining() < CENTRAL_BYTES || directory.getInt(at) != CENTRAL_SIGNATURE) {
            throw damaged("its directory is garbled");
        }
        int nameBytes = unsignedShort(directory, at + 28);
        int extraBytes = unsignedShort(directory, at + 30);
        int length = CENTRAL_BYTES + nameBytes + extraBytes + unsignedShort(directory, at + 32);
        if (length > directory.remaining() || entries.size() == MAX_ENTRIES) {
            throw damaged("its directory is garbled or too long");
        }
        byte[] name = new byte[nameBytes];
        directory.get(at + CENTRAL_BYTES, name);
        ByteBuffer extra = directory.slice(at + CENTRAL_BYTES + nameBytes, extraBytes);
        Entry earlier = entries.put(new String(name, StandardCharsets.UTF_8), entryAt(directory, at, zip64(extra)));
        if (earlier != null) {
            throw damaged("it has two members named " + Messages.clip(new String(name, StandardCharsets.UTF_8)));
        }
        directory.position(at + length);
    }

    private Entry entryAt(ByteBuffer directory, int at, ByteBuffer zip64) {
        // The order of the three is fixed: a 64-bit value is present only where the 32-bit one is saturated.
        long size = wide(unsignedInt(directory, at + 24), zip64);
        long packedSize = wide(unsignedInt(directory, at + 20), zip64);
        long header = wide(unsignedInt(directory, at + 42), zip64);
        if (size < 0 || packedSize < 0 || header < 0 || header > file.size() - LOCAL_BYTES) {
            throw damaged("its directory has impossible sizes");
        }
        return new Entry(unsignedShort(directory, at + 10), unsignedShort(directory, at + 8), packedSize, size, header);
    }

    private long wide(long value, ByteBuffer zip64) {
        if (value != SEE_ZIP64) {
            return value;
        }
        if (zip64.remaining() < Long.BYTES) {
            throw damaged("its directory lacks a 64-bit size");
        }
        return zip64.getLong();
    }

    /** The zip64 block among the extra fields of an entry; empty if there is none. */
    private static ByteBuffer zip64(ByteBuffer extra) {
        extra.order(ByteOrder.LITTLE_ENDIAN);
        while (extra.remaining() >= 4) {
            int id = extra.getShort() & 0xFFFF;
            int length = Math.min(extra.getShort() & 0xFFFF, extra.remaining());
            if (id == ZIP64_EXTRA) {
                return extra.slice(extra.position(), length).order(ByteOrder.LITTLE_ENDIAN);
            }
            extra.position(extra.position() + length);
        }
        return ByteBuffer.allocate(0);
    }

    private static int unsignedShort(ByteBuffer bytes, int at) {
        return bytes.getShort(at) & 0xFFFF;
    }

    private static long unsignedInt(ByteBuffer bytes, int at) {
        return bytes.getInt(at) & 0xFFFFFFFFL;
    }

    private ZoetropeException damaged(String what) {
        return ZoetropeException.checkpoint(
                "%s: a zip archive, but %s; the file is damaged or cut short, fetch it again", file.path(), what);
    }
}
