package dev.zoetrope.diffusion.autoencoder;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * Runs a network on overlapping tiles and blends the results linearly, first with the tile above, then with the one to
 * the left (sheet 3.5). Memory depends on the tile, not on the picture.
 *
 * @param inputSide side of a tile going in
 * @param outputSide side of what comes out for it
 */
public record Tiles(long inputSide, long outputSide) {
    private static final double OVERLAP = 0.25;

    /** @throws ZoetropeException BAD_INPUT for tiles too small to overlap */
    public Tiles {
        if (inputSide < 4 || outputSide < 4) {
            throw ZoetropeException.badInput(
                    "tiles of %d positions are too small to overlap, expected at least 4: decode without tiles",
                    Math.min(inputSide, outputSide));
        }
    }

    /**
     * @param x [N,C,H,W]
     * @param network from a tile [N,C,h,w] with sides up to {@link #inputSide} to the result for it
     */
    public Tensor run(Tensor x, UnaryOperator<Tensor> network) {
        long stride = (long) (inputSide * (1 - OVERLAP));
        long blend = (long) (outputSide * OVERLAP);
        try (Scope scope = Scope.open()) {
            List<Tensor> rows = new ArrayList<>();
            List<Tensor> above = List.of();
            for (long i = 0; i < x.size(2); i += stride) {
                List<Tensor> row = new ArrayList<>();
                for (long j = 0; j < x.size(3); j += stride) {
                    Tensor tile = network.apply(part(part(x, 2, i, inputSide), 3, j, inputSide));
                    tile = above.isEmpty() ? tile : blended(above.get(row.size()), tile, 2, blend);
                    row.add(row.isEmpty() ? tile : blended(row.get(row.size() - 1), tile, 3, blend));
                }
                rows.add(joined(row, outputSide - blend));
                above = row;
            }
            return scope.keep(Ops.cat(2, rows));
        }
    }

    private static Tensor joined(List<Tensor> row, long side) {
        List<Tensor> kept = row.stream()
                .map(tile -> part(part(tile, 2, 0, side), 3, 0, side))
                .toList();
        return Ops.cat(3, kept);
    }

    private static Tensor part(Tensor x, long dim, long start, long length) {
        return Ops.slice(x, dim, start, Math.min(start + length, x.size(dim)));
    }

    /** The first rows or columns of {@code tile} fade in over the last ones of its neighbour. */
    private static Tensor blended(Tensor neighbour, Tensor tile, int dim, long extent) {
        long size = Math.min(extent, Math.min(neighbour.size(dim), tile.size(dim)));
        if (size == 0) {
            return tile;
        }
        float[] ramp = new float[(int) size];
        for (int i = 0; i < size; i++) {
            ramp[i] = (float) i / size;
        }
        Tensor weight = dim == 2 ? Tensors.of(ramp, 1, 1, size, 1) : Tensors.of(ramp, 1, 1, 1, size);
        Tensor old = neighbour.narrow(dim, neighbour.size(dim) - size, size);
        Tensor own = tile.narrow(dim, 0, size);
        Tensor seam = old.add(own.sub(old).mul(weight));
        return Ops.cat(dim, seam, tile.narrow(dim, size, tile.size(dim) - size));
    }
}
