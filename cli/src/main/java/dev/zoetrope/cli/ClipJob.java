package dev.zoetrope.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * One clip to make.
 *
 * @param provenance what determines it: goes into the file, and identifies it when a run is repeated
 */
record ClipJob(String prompt, String negative, long seed, Path target, Map<String, String> provenance) {
    /** Tag of the file that holds {@link #id()}. */
    static final String ID = "job";

    /** SHA-256 over everything that determines the clip. */
    String id() {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(provenance)
                .forEach((key, value) ->
                        text.append(key).append('=').append(value).append('\0'));
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** What goes into the file. */
    Map<String, String> metadata(String command) {
        Map<String, String> all = new LinkedHashMap<>(provenance);
        all.put(ID, id());
        all.put("command", command);
        all.put("zoetrope", Version.text());
        all.put("java", Runtime.version().toString());
        return all;
    }

    /** Where the latents wait until the clip is decoded. */
    Path pendingLatents() {
        return target.resolveSibling("." + target.getFileName() + ".latents.safetensors");
    }

    /** The same name with another ending. */
    Path beside(String ending) {
        String name = String.valueOf(target.getFileName());
        int dot = name.lastIndexOf('.');
        return target.resolveSibling((dot > 0 ? name.substring(0, dot) : name) + ending);
    }
}
