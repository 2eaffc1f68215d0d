package dev.zoetrope.metrics.parity;

import dev.zoetrope.tensor.parity.ParityCheck;
import java.util.List;

/** The checks of this module, for a command that runs any fixture folder. */
public final class MetricsParity {
    private MetricsParity() {}

    /** One check for each kind of fixture: pictures, curves, distances, scores, LPIPS. */
    public static List<ParityCheck> all() {
        return List.of(
                new ImageParity(),
                new RateCurveParity(),
                new DistanceParity(),
                new InceptionScoreParity(),
                new LpipsParity());
    }
}
