package dev.zoetrope.moft;

import dev.zoetrope.tensor.ZoetropeException;
import java.util.List;

/**
 * A part of the picture and the motion it is to have.
 *
 * @param targets whose losses are added: one for a reference clip, one for each axis of a synthesised direction
 * @param weight of this region's loss, at least 0; 0 turns it off
 */
public record MotionRegion(RegionMask mask, List<MotionTarget> targets, double weight) {
    public MotionRegion {
        targets = List.copyOf(targets);
        if (!(weight >= 0) || Double.isInfinite(weight)) {
            throw ZoetropeException.badInput("weight of region %s: %s, expected at least 0", mask.name(), weight);
        }
        if (targets.isEmpty()) {
            throw ZoetropeException.badInput("region %s has no target motion", mask.name());
        }
    }
}
