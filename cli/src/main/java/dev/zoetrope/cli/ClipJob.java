package dev.zoetrope.cli;

import dev.zoetrope.tensor.Sha256;
import java.nio.file.Path;
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
        return Sha256.of(text.toString());
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
