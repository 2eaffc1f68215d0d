package dev.zoetrope.data.compose;

/**
 * A line of the manifest.
 *
 * @param file the clip, relative to the manifest
 * @param uri what it was made of
 * @param start of the piece in the source, seconds; 0 for a still
 * @param end of the piece in the source, seconds; 0 for a still
 * @param label name of the source's folder, may be empty
 * @param caption never empty
 * @param kind of the source
 */
public record ManifestEntry(
        String file, String uri, double start, double end, String label, String caption, SourceKind kind) {}
