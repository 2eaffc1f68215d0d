package dev.zoetrope.moft.experiment;

import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Clips of moving textures with known motion (sheet section 4): a band-limited noise field, moved toroidally, and on some
 * clips a disc or square with a texture and motion of its own. Grey values of about unit range, clamped to plus and minus
 * 1.5. The words of a clip name its texture and its object and never its motion.
 */
final class Textures {
    static final int SIZE = 16;
    static final int FRAMES = 8;
    /** No object in the clip. */
    static final int NO_OBJECT = 2;

    private static final double[] BANDWIDTHS = {0.16, 0.11};
    private static final double CONTRAST = 0.45;
    private static final double OBJECT_BRIGHTNESS = 0.3;
    private static final float LIMIT = 1.5f;
    private static final int[][] HEADINGS = {{1, 0}, {-1, 0}, {0, -1}, {0, 1}};

    private Textures() {}

    /**
     * The motion of one layer.
     *
     * @param dx displacement of the content to the right in each frame, pixels, first 0
     * @param dy displacement downwards
     */
    record Path(int[] dx, int[] dy) {
        static Path still() {
            return new Path(new int[FRAMES], new int[FRAMES]);
        }

        /** Velocity (vx, vy) pixels a frame, its sign changed from frame {@code turn} on. */
        static Path straight(int vx, int vy, int turn) {
            int[] dx = new int[FRAMES];
            int[] dy = new int[FRAMES];
            for (int f = 1; f < FRAMES; f++) {
                int sign = f <= turn ? 1 : -1;
                dx[f] = dx[f - 1] + sign * vx;
                dy[f] = dy[f - 1] + sign * vy;
            }
            return new Path(dx, dy);
        }
    }

    /**
     * A disc or square.
     *
     * @param square or else a disc
     * @param x centre in frame 0, pixels
     * @param y centre in frame 0, pixels
     * @param radius half the side, pixels
     */
    record Thing(boolean square, double x, double y, double radius) {
        boolean covers(int column, int row, int dx, int dy) {
            double u = toroidal(column - x - dx);
            double v = toroidal(row - y - dy);
            return square ? Math.max(Math.abs(u), Math.abs(v)) <= radius : Math.hypot(u, v) <= radius;
        }

        private static double toroidal(double distance) {
            return distance - SIZE * Math.rint(distance / SIZE);
        }
    }

    /**
     * A clip.
     *
     * @param video [F,16,16] grey
     * @param texture 0 fine or 1 coarse
     * @param object {@link #NO_OBJECT}, 3 disc or 4 square
     * @param background its motion
     * @param thing the object, if there is one
     * @param motion of the object
     */
    record Sample(
            float[] video, int texture, int object, Path background, java.util.Optional<Thing> thing, Path motion) {
        /** Whether a pixel shows the object. */
        boolean isObject(int f, int row, int column) {
            return thing.isPresent() && thing.get().covers(column, row, motion.dx()[f], motion.dy()[f]);
        }
    }

    /** A training clip as the sheet distributes them. */
    static Sample random(SeededGenerator generator) {
        float[] u = Tensors.toFloats(generator.uniform(16));
        int texture = u[0] < 0.5 ? 0 : 1;
        Path background = path(u[1] < 0.25, u[2], u[3], u[4], u[5]);
        if (u[6] >= 0.4) {
            return scene(generator, texture, background);
        }
        Thing thing = new Thing(u[7] < 0.5, u[8] * SIZE, u[9] * SIZE, 3.5 + 1.5 * u[10]);
        return withThing(generator, texture, background, thing, path(u[11] < 0.2, u[12], u[13], u[14], u[15]));
    }

    private static Path path(boolean still, float heading, float speed, float turns, float when) {
        if (still) {
            return Path.still();
        }
        int[] direction = HEADINGS[Math.min(3, (int) (heading * 4))];
        int v = speed < 0.5 ? 1 : 2;
        int turn = turns < 0.3 ? 2 + Math.min(FRAMES - 4, (int) (when * (FRAMES - 3))) : FRAMES;
        return Path.straight(v * direction[0], v * direction[1], turn);
    }

    /** A moving texture alone. */
    static Sample scene(SeededGenerator generator, int texture, Path motion) {
        return render(
                texture, field(generator, texture), motion, java.util.Optional.empty(), new float[0], Path.still());
    }

    /** A texture with an object over it, which has a texture of the other band. */
    static Sample withThing(SeededGenerator generator, int texture, Path background, Thing thing, Path motion) {
        float[] below = field(generator, texture);
        return render(texture, below, background, java.util.Optional.of(thing), field(generator, 1 - texture), motion);
    }

    private static Sample render(
            int texture, float[] below, Path background, java.util.Optional<Thing> thing, float[] above, Path motion) {
        int object = thing.map(one -> one.square() ? 4 : 3).orElse(NO_OBJECT);
        Sample sample = new Sample(new float[FRAMES * SIZE * SIZE], texture, object, background, thing, motion);
        for (int f = 0; f < FRAMES; f++) {
            for (int y = 0; y < SIZE; y++) {
                for (int x = 0; x < SIZE; x++) {
                    float value = sample.isObject(f, y, x)
                            ? at(above, y - motion.dy()[f], x - motion.dx()[f]) + (float) OBJECT_BRIGHTNESS
                            : at(below, y - background.dy()[f], x - background.dx()[f]);
                    sample.video()[(f * SIZE + y) * SIZE + x] = Math.max(-LIMIT, Math.min(LIMIT, value));
                }
            }
        }
        return sample;
    }

    private static float at(float[] field, int y, int x) {
        return field[Math.floorMod(y, SIZE) * SIZE + Math.floorMod(x, SIZE)];
    }

    /** White noise under the low-pass exp(-|k|^2 / 2 sigma^2), which is separable, brought to the contrast. */
    private static float[] field(SeededGenerator generator, int texture) {
        try (Scope scope = Scope.noGrad()) {
            Tensor filter = lowPass(BANDWIDTHS[texture]);
            Tensor smooth = filter.matmul(generator.normal(SIZE, SIZE)).matmul(filter.t());
            Tensor centred = smooth.sub(smooth.mean());
            return Tensors.toFloats(Ops.mul(centred.div(centred.std()), CONTRAST));
        }
    }

    /** The circulant matrix of exp(-k^2 / 2 sigma^2) along one axis. */
    private static Tensor lowPass(double sigma) {
        float[] matrix = new float[SIZE * SIZE];
        for (int i = 0; i < SIZE * SIZE; i++) {
            int lag = i / SIZE - i % SIZE;
            double sum = 0;
            for (int m = -SIZE / 2; m < SIZE / 2; m++) {
                double k = (double) m / SIZE;
                sum += Math.exp(-k * k / (2 * sigma * sigma)) * Math.cos(2 * Math.PI * k * lag);
            }
            matrix[i] = (float) (sum / SIZE);
        }
        return Tensors.of(matrix, SIZE, SIZE);
    }

    /**
     * Latents of clips: pixels unshuffled by 2 and scaled by 2, which can be undone exactly.
     *
     * @return [B,4,F,8,8]
     */
    static Tensor latents(List<Sample> samples) {
        try (Scope scope = Scope.noGrad()) {
            List<Tensor> all = new ArrayList<>();
            for (Sample sample : samples) {
                all.add(Tensors.of(sample.video(), FRAMES, SIZE, SIZE));
            }
            return scope.keep(encode(Ops.stack(0, all)));
        }
    }

    /** [B,F,16,16] to [B,4,F,8,8]. */
    static Tensor encode(Tensor video) {
        try (Scope scope = Scope.noGrad()) {
            Tensor blocks = video.unflatten(2, SIZE / 2, 2).unflatten(4, SIZE / 2, 2); // [B,F,8,2,8,2]
            Tensor latents = blocks.permute(0, 3, 5, 1, 2, 4).flatten(1, 2);
            return scope.keep(Ops.mul(latents.contiguous(), 2));
        }
    }

    /** [B,4,F,8,8] to [B,F,16,16]. */
    static Tensor decode(Tensor latents) {
        try (Scope scope = Scope.noGrad()) {
            Tensor blocks = Ops.mul(latents, 0.5).unflatten(1, 2, 2); // [B,2,2,F,8,8]
            Tensor video = blocks.permute(0, 3, 4, 1, 5, 2).flatten(4, 5).flatten(2, 3);
            return scope.keep(video.contiguous());
        }
    }

    /** Twice the words of a clip, int64 [B,2]. */
    static long[] words(List<Sample> samples) {
        long[] words = new long[2 * samples.size()];
        for (int i = 0; i < samples.size(); i++) {
            words[2 * i] = samples.get(i).texture();
            words[2 * i + 1] = samples.get(i).object();
        }
        return words;
    }
}
