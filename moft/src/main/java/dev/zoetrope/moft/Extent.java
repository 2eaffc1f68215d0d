package dev.zoetrope.moft;

import dev.zoetrope.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;

/** What of a frame the features of a profile's clips are averaged over. */
public enum Extent {
    /** A quarter of the sides around the middle, as the release does: for pans, where all of the picture moves. */
    CENTRE {
        @Override
        Tensor mask(int rows, int columns) {
            return Moft.centre(rows, columns);
        }
    },
    /** All of it: for things that move anywhere in the frame. */
    FRAME {
        @Override
        Tensor mask(int rows, int columns) {
            return Tensors.full(1, 1, rows, columns);
        }
    };

    /** The places on a feature grid, [1,rows,columns]. */
    abstract Tensor mask(int rows, int columns);
}
