package dev.zoetrope.moft;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What features were read with; they compare only with features read alike.
 *
 * @param backboneSha256 hash of the model's weights
 * @param tap module path whose output was read
 * @param channels C of that tap
 * @param referenceStep k, the step of the inversion at which it was read
 * @param steps N of the inversion
 * @param frames F
 * @param betas the noise schedule in words
 * @param size width x height of the clips, pixels
 * @param extent what of the frame traces are averaged over
 */
public record ProfileInfo(
        String backboneSha256,
        String tap,
        int channels,
        int referenceStep,
        int steps,
        int frames,
        String betas,
        String size,
        Extent extent) {
    private static final String VERSION = "2";

    /** The same, averaged over something else. */
    ProfileInfo over(Extent other) {
        return new ProfileInfo(backboneSha256, tap, channels, referenceStep, steps, frames, betas, size, other);
    }

    Map<String, String> metadata(String kind) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", "zoetrope-" + kind);
        metadata.put("version", VERSION);
        metadata.put("backbone_sha256", backboneSha256);
        metadata.put("tap", tap);
        metadata.put("C", String.valueOf(channels));
        metadata.put("k", String.valueOf(referenceStep));
        metadata.put("N", String.valueOf(steps));
        metadata.put("F", String.valueOf(frames));
        metadata.put("betas", betas);
        metadata.put("frames_size", size);
        metadata.put("extent", extent.name());
        return metadata;
    }

    static ProfileInfo of(Map<String, String> metadata, String kind, String file) {
        if (!Objects.equals(metadata.get("format"), "zoetrope-" + kind)) {
            throw ZoetropeException.badInput(
                    "%s is no *.%s file: its metadata has no format zoetrope-%s", file, kind, kind);
        }
        if (!Objects.equals(metadata.get("version"), VERSION)) {
            throw ZoetropeException.badInput(
                    "%s has version %s, this program reads %s; make it again", file, metadata.get("version"), VERSION);
        }
        return new ProfileInfo(
                text(metadata, "backbone_sha256", file),
                text(metadata, "tap", file),
                number(metadata, "C", file),
                number(metadata, "k", file),
                number(metadata, "N", file),
                number(metadata, "F", file),
                text(metadata, "betas", file),
                text(metadata, "frames_size", file),
                extent(metadata, file));
    }

    private static String text(Map<String, String> metadata, String key, String file) {
        String value = metadata.get(key);
        if (value == null) {
            throw ZoetropeException.checkpoint("%s: its metadata has no %s; make the file again", file, key);
        }
        return value;
    }

    private static Extent extent(Map<String, String> metadata, String file) {
        String value = text(metadata, "extent", file);
        for (Extent extent : Extent.values()) {
            if (extent.name().equals(value)) {
                return extent;
            }
        }
        throw ZoetropeException.checkpoint("%s: its metadata has extent = %s, expected CENTRE or FRAME", file, value);
    }

    private static int number(Map<String, String> metadata, String key, String file) {
        String value = text(metadata, key, file);
        if (!value.matches("\\d{1,6}")) {
            throw ZoetropeException.checkpoint("%s: its metadata has %s = %s, expected a number", file, key, value);
        }
        return Integer.parseInt(value);
    }

    /**
     * Whether features of this kind may be used with a backbone.
     *
     * @param file for the message
     * @param force turn a different tap of the same width into a warning
     * @return what the user should know; empty if nothing
     * @throws ZoetropeException BAD_INPUT if the widths, or without {@code force} the taps, differ
     */
    List<String> check(ProfileInfo wanted, String file, boolean force) {
        if (channels != wanted.channels()) {
            throw ZoetropeException.badInput(
                    "%s is for a tap of %d channels, %s of this model has %d; fit a profile for this model",
                    file, channels, wanted.tap(), wanted.channels());
        }
        List<String> warnings = new ArrayList<>();
        if (!tap.equals(wanted.tap())) {
            String message = String.format("%s was read at %s, this run reads %s", file, tap, wanted.tap());
            if (!force) {
                throw ZoetropeException.badInput("%s; use the same tap, or --force", message);
            }
            warnings.add(message);
        }
        if (!backboneSha256.equals(wanted.backboneSha256())) {
            warnings.add(file + " was made with other weights; its channels may mean something else here");
        }
        if (referenceStep != wanted.referenceStep() || steps != wanted.steps()) {
            warnings.add(String.format(
                    "%s was read at step %d of %d, this run reads step %d of %d",
                    file, referenceStep, steps, wanted.referenceStep(), wanted.steps()));
        }
        if (!betas.equals(wanted.betas())) {
            warnings.add(file + " was made with the noise schedule " + betas + ", this model has " + wanted.betas());
        }
        return warnings;
    }
}
