package dev.zoetrope.data;

/**
 * A rendered clip with its ground truth. Masks, track and flow are computed from the scene on each call.
 *
 * @param seed of the maker
 * @param index of the clip within the seed
 * @param frames RGB bytes, one array a frame
 */
public record CaptionedClip(ClipSpec spec, long seed, long index, Scene scene, String caption, byte[][] frames)
        implements TrainingClip {
    /** What the caption says. */
    public Attributes attributes() {
        return scene.attributes();
    }

    /** Coverage of each pixel by the object, [F][H * W], 0 to 1. */
    public float[][] masks() {
        var renderer = new SceneRenderer(spec, scene);
        var masks = new float[spec.frames()][];
        for (int f = 0; f < masks.length; f++) {
            masks[f] = renderer.mask(f);
        }
        return masks;
    }

    /** Centre of the object on screen, [F][x, y] in pixels from the top left corner. */
    public double[][] track() {
        return scene.poses().stream().map(p -> new double[] {p.x(), p.y()}).toArray(double[][]::new);
    }

    /**
     * How far the object has come since frame 0, spread over the pixels it covers, [F][2 * H * W], horizontal first: the way
     * of its centre in pixels times the coverage. The background counts as at rest, also while the camera moves.
     */
    public float[][] displacements() {
        var renderer = new SceneRenderer(spec, scene);
        var displacements = new float[spec.frames()][];
        for (int f = 0; f < displacements.length; f++) {
            displacements[f] = renderer.displacement(f);
        }
        return displacements;
    }

    /**
     * True optical flow, [F - 1][2 * H * W] (horizontal displacements, then vertical): where what pixel i of frame f
     * shows is in frame f + 1, relative to i, in pixels. Object and camera are both in it. Pixels covered by half or
     * more move with the object.
     */
    public float[][] flow() {
        var renderer = new SceneRenderer(spec, scene);
        var flow = new float[spec.frames() - 1][];
        for (int f = 0; f < flow.length; f++) {
            flow[f] = renderer.flow(f);
        }
        return flow;
    }
}
