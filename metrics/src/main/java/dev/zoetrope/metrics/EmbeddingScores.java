package dev.zoetrope.metrics;

import dev.zoetrope.tensor.ZoetropeException;

/**
 * Text alignment and frame consistency of one video, frame by frame (sheet sections 6 and 7). Both are blind to much: the
 * alignment to time, the consistency to stillness, which scores 1.
 */
public final class EmbeddingScores {
    /** What CLIPScore puts before a prompt. */
    public static final String SCORE_PREFIX = "A photo depicts ";

    private static final double SCORE_WEIGHT = 2.5;

    private final double[] text;
    private double[] first = {};
    private double[] previous = {};
    private int frames;
    private double sumToText;
    private double sumToTextClipped;
    private double sumToPrevious;
    private double sumSubject;

    /** @param text the vector of the prompt; empty if there is none */
    public EmbeddingScores(double... text) {
        this.text = text.clone();
    }

    /** Adds the vector of the next frame. */
    public void add(double... picture) {
        if (text.length > 0) {
            double toText = cosine(text, picture);
            sumToText += toText;
            sumToTextClipped += Math.max(0, toText);
        }
        if (frames > 0) {
            double toPrevious = cosine(previous, picture);
            sumToPrevious += toPrevious;
            sumSubject += (Math.max(0, toPrevious) + Math.max(0, cosine(first, picture))) / 2;
        } else {
            first = picture.clone();
        }
        previous = picture.clone();
        frames++;
    }

    /** {@code clip_text}: mean cosine of prompt and frames, raw. */
    public double textAlignment() {
        checkText();
        return sumToText / frames;
    }

    /**
     * {@code clip_score} (Hessel et al., "CLIPScore", EMNLP 2021, section 3): 2.5 times the cosine of prompt and frame, each
     * at least 0, mean over frames. The text must be the prompt behind {@link #SCORE_PREFIX}.
     */
    public double clipScore() {
        checkText();
        return SCORE_WEIGHT * sumToTextClipped / frames;
    }

    /** {@code clip_consistency}: mean cosine of consecutive frames. */
    public double consistency() {
        checkTwo();
        return sumToPrevious / (frames - 1);
    }

    /** VBench's form: half the cosine to the frame before, half that to the first, each at least 0. */
    public double subjectConsistency() {
        checkTwo();
        return sumSubject / (frames - 1);
    }

    private void checkText() {
        if (text.length == 0 || frames == 0) {
            throw ZoetropeException.badInput("text alignment needs a prompt and at least one frame");
        }
    }

    private void checkTwo() {
        if (frames < 2) {
            throw ZoetropeException.badInput("frame consistency needs at least 2 frames, got %d", frames);
        }
    }

    /** Cosine of two vectors. */
    public static double cosine(double[] a, double... b) {
        if (a.length != b.length || a.length == 0) {
            throw ZoetropeException.badInput(
                    "embeddings of %d and %d values; text and pictures need one model", a.length, b.length);
        }
        double dot = 0;
        double squareA = 0;
        double squareB = 0;
        for (int i = 0; i < a.length; i++) {
            dot += a[i] * b[i];
            squareA += a[i] * a[i];
            squareB += b[i] * b[i];
        }
        double length = Math.sqrt(squareA) * Math.sqrt(squareB);
        if (!(length > 0 && length < Double.POSITIVE_INFINITY)) {
            throw ZoetropeException.badInput("an embedding is 0 or not finite; the model or its weights are broken");
        }
        return dot / length;
    }

    /** How far an edit moved the picture as the text says: cos(picture2 - picture1, text2 - text1). */
    public static double directional(double[] picture1, double[] picture2, double[] text1, double[] text2) {
        return cosine(difference(picture2, picture1), difference(text2, text1));
    }

    private static double[] difference(double[] a, double[] b) {
        double[] result = new double[a.length];
        java.util.Arrays.setAll(result, i -> a[i] - b[i]);
        return result;
    }
}
