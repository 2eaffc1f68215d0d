package dev.zoetrope.moft.experiment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** How well points of the plane tell directions apart. */
final class Separation {
    private Separation() {}

    /** Variance between the directions over the variance within them. */
    static double fisher(double[][] points, int[] labels) {
        int classes = Arrays.stream(labels).max().orElse(0) + 1;
        double[] grand = mean(points, labels, -1);
        double between = 0;
        double within = 0;
        for (int label = 0; label < classes; label++) {
            double[] centre = mean(points, labels, label);
            between += square(centre, grand) / classes;
            for (int i = 0; i < points.length; i++) {
                within += labels[i] == label ? square(points[i], centre) / points.length : 0;
            }
        }
        return between / Math.max(within, 1e-30);
    }

    private static double[] mean(double[][] points, int[] labels, int label) {
        double[] mean = new double[2];
        int count = 0;
        for (int i = 0; i < points.length; i++) {
            if (label < 0 || labels[i] == label) {
                mean[0] += points[i][0];
                mean[1] += points[i][1];
                count++;
            }
        }
        return new double[] {mean[0] / count, mean[1] / count};
    }

    private static double square(double[] a, double[] b) {
        return (a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]);
    }

    /** Share of points whose nearest point of another scene has the same label. */
    static double leaveOneSceneOut(double[][] points, int[] labels, int[] scenes) {
        int right = 0;
        for (int i = 0; i < points.length; i++) {
            int best = -1;
            for (int j = 0; j < points.length; j++) {
                if (scenes[j] != scenes[i]
                        && (best < 0 || square(points[i], points[j]) < square(points[i], points[best]))) {
                    best = j;
                }
            }
            right += labels[best] == labels[i] ? 1 : 0;
        }
        return (double) right / points.length;
    }

    /** Area under the curve of true against false positives: the chance that a place inside scores above one outside. */
    static double auc(float[] scores, boolean[] inside) {
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, scores.length).boxed().toList());
        order.sort(Comparator.comparingDouble(i -> scores[i]));
        double rankSum = 0;
        long positives = 0;
        int i = 0;
        while (i < order.size()) {
            int j = i;
            while (j < order.size() && scores[order.get(j)] == scores[order.get(i)]) {
                j++;
            }
            for (int k = i; k < j; k++) {
                if (inside[order.get(k)]) {
                    rankSum += (i + 1 + j) / 2.0;
                    positives++;
                }
            }
            i = j;
        }
        double negatives = scores.length - positives;
        return (rankSum - positives * (positives + 1) / 2.0) / (positives * negatives);
    }

    /** Pearson's correlation. */
    static double correlation(double[] a, double[] b) {
        double meanA = Arrays.stream(a).average().orElse(0);
        double meanB = Arrays.stream(b).average().orElse(0);
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += (a[i] - meanA) * (b[i] - meanB);
            aa += (a[i] - meanA) * (a[i] - meanA);
            bb += (b[i] - meanB) * (b[i] - meanB);
        }
        return aa == 0 || bb == 0 ? 0 : ab / Math.sqrt(aa * bb);
    }

    static double median(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
