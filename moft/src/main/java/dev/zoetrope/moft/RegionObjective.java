package dev.zoetrope.moft;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Regions, each with its own target motion; their losses are added. */
public final class RegionObjective implements MotionObjective {
    private final List<MotionRegion> regions;
    private final MotionLoss kind;

    /** @throws ZoetropeException BAD_INPUT without a region */
    public RegionObjective(List<MotionRegion> regions, MotionLoss kind) {
        if (regions.isEmpty()) {
            throw ZoetropeException.badInput("motion control needs at least one region; the whole frame is one");
        }
        this.regions = List.copyOf(regions);
        this.kind = kind;
    }

    public List<MotionRegion> regions() {
        return regions;
    }

    @Override
    public boolean isActive(int step, int steps) {
        return regions.stream().anyMatch(region -> region.weight() > 0);
    }

    @Override
    public Tensor loss(int step, int steps, Tensor features, Tensor latents) {
        try (Scope scope = Scope.open()) {
            Tensor sum = Tensors.zeros();
            for (MotionRegion region : regions) {
                if (region.weight() > 0) {
                    Tensor mask = region.mask().onGrid(features.size(3), features.size(4));
                    for (MotionTarget target : region.targets()) {
                        sum = sum.add(Ops.mul(kind.of(features, target, mask), region.weight()));
                    }
                }
            }
            return scope.keep(sum);
        }
    }

    @Override
    public Optional<Tensor> changeable(long rows, long columns) {
        try (Scope scope = Scope.noGrad()) {
            List<Tensor> masks = new ArrayList<>();
            for (MotionRegion region : regions) {
                masks.add(region.mask().onGrid(rows, columns));
            }
            Tensor union = masks.get(0);
            for (Tensor mask : masks) {
                union = torch.maximum(union, mask);
            }
            return Optional.of(scope.keep(union));
        }
    }

    @Override
    public List<MotionObjective> parts() {
        return regions.stream()
                .<MotionObjective>map(region -> new RegionObjective(List.of(region), kind))
                .toList();
    }

    /** What is odd about the regions: contradictions where they overlap, and a target of no motion. */
    public List<String> notices(long rows, long columns) {
        List<String> notices = new ArrayList<>();
        try (Scope scope = Scope.noGrad()) {
            for (int i = 0; i < regions.size(); i++) {
                MotionRegion region = regions.get(i);
                if (region.mask().isWhole()) {
                    notices.add(
                            "region " + region.mask().name() + " is the whole frame: the gradient clip has no effect");
                } else if (region.mask().share() < 0.02) {
                    notices.add("region " + region.mask().name()
                            + " covers less than 2% of the frame: its motion is noisy");
                }
                for (int j = 0; j < i; j++) {
                    overlap(region, regions.get(j), rows, columns).ifPresent(notices::add);
                }
            }
        }
        return notices;
    }

    private static Optional<String> overlap(MotionRegion a, MotionRegion b, long rows, long columns) {
        Tensor first = a.mask().onGrid(rows, columns);
        Tensor second = b.mask().onGrid(rows, columns);
        double both = Tensors.item(first.mul(second).mean());
        double smaller = Math.min(Tensors.item(first.mean()), Tensors.item(second.mean()));
        if (both == 0 || !contradict(a, b)) {
            return Optional.empty();
        }
        return Optional.of(String.format(
                "regions %s and %s overlap in %.0f%% of the smaller one and ask for opposite motion; both act",
                a.mask().name(), b.mask().name(), 100 * both / smaller));
    }

    private static boolean contradict(MotionRegion a, MotionRegion b) {
        for (MotionTarget one : a.targets()) {
            for (MotionTarget other : b.targets()) {
                double product = 0;
                boolean comparable = java.util.Arrays.equals(one.channels(), other.channels())
                        && java.util.Arrays.equals(one.shape(), other.shape());
                for (int i = 0; comparable && i < one.values().length; i++) {
                    product += one.values()[i] * other.values()[i];
                }
                if (product < 0) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Regions from parallel lists.
     *
     * @throws ZoetropeException BAD_INPUT listing the counts if they differ
     */
    public static List<MotionRegion> zip(
            List<RegionMask> masks, List<List<MotionTarget>> targets, List<Double> weights) {
        boolean fits = masks.size() == targets.size() && masks.size() == weights.size();
        if (!fits) {
            throw ZoetropeException.badInput(
                    "%d masks, %d references or directions with their channel sets (%d), %d weights: give one of each a"
                            + " region",
                    masks.size(), targets.size(), targets.size(), weights.size());
        }
        List<MotionRegion> regions = new ArrayList<>();
        for (int i = 0; i < masks.size(); i++) {
            regions.add(new MotionRegion(masks.get(i), targets.get(i), weights.get(i)));
        }
        return regions;
    }
}
