package dev.zoetrope.metrics.video;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The part of a protocol that all measures of one run share.
 *
 * @param realVideos windows taken
 * @param fakeVideos windows taken
 * @param realCodecs codecs and pixel formats of the files
 * @param fakeCodecs codecs and pixel formats of the files
 */
record RunRecord(
        VideoSetOptions options,
        long realVideos,
        long fakeVideos,
        String resolution,
        String realCodecs,
        String fakeCodecs) {
    /** Fields of a measure on windows. */
    SortedMap<String, String> windows() {
        SortedMap<String, String> fields = taking(options);
        fields.put("n_real", String.valueOf(realVideos));
        fields.put("n_fake", String.valueOf(fakeVideos));
        fields.put("resolution", resolution);
        fields.put("codec_real", realCodecs);
        fields.put("codec_fake", fakeCodecs);
        return fields;
    }

    /** How windows are taken, whatever the videos are. */
    static SortedMap<String, String> taking(VideoSetOptions options) {
        SortedMap<String, String> fields = new TreeMap<>();
        fields.put("frames", String.valueOf(options.frames()));
        fields.put("stride", String.valueOf(options.stride()));
        fields.put("resize", options.size() == 0 ? "none" : "centre crop, area down or bilinear up");
        fields.put("windows", "real: one random window by (seed, name); fake: the first frames");
        fields.put("quantise", "8-bit frames as decoded");
        fields.put("seed", String.valueOf(options.seed()));
        return fields;
    }

    /** How the real windows were taken, and of what. */
    SortedMap<String, String> real() {
        SortedMap<String, String> fields = taking(options);
        fields.put("n_real", String.valueOf(realVideos));
        fields.put("resolution", resolution);
        fields.put("codec_real", realCodecs);
        return fields;
    }
}
