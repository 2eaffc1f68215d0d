package dev.zoetrope.diffusion.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.media.Frame;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.WeightFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Experiment B8 of the sheet, streaming, and tiles. */
class FrameDecoderTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    private static AutoencoderKL load(String name) {
        Path folder = GOLDEN.resolve(name);
        return AutoencoderKL.load(
                AutoencoderConfig.parse(JsonFiles.read(folder.resolve("config.json"))),
                WeightFiles.open(folder.resolve("model.safetensors")));
    }

    private static Tensor latents(AutoencoderKL autoencoder, int frames, int side) {
        try (SeededGenerator generator = new SeededGenerator(1)) {
            return Ops.mul(generator.normal(1, autoencoder.config().latentChannels(), frames, side, side), 0.2);
        }
    }

    private static double maxDifference(Tensor a, Tensor b) {
        return Tensors.item(a.sub(b).abs().max());
    }

    @Test
    void slicesOfAPlainDecoderEqualTheWhole() {
        try (Scope scope = Scope.noGrad();
                AutoencoderKL autoencoder = load("autoencoder-kl")) {
            Tensor latents = latents(autoencoder, 5, 8);
            Tensor whole = new FrameDecoder(autoencoder, 5, false).decode(latents);
            assertThat(Tensors.shape(whole)).startsWith(5, 3);
            for (int slice : new int[] {FrameDecoder.AUTO, 1, 2}) {
                Tensor sliced = new FrameDecoder(autoencoder, slice, false).decode(latents);
                assertThat(maxDifference(whole, sliced)).isLessThanOrEqualTo(1e-5);
            }
        }
    }

    @Test
    void temporalDecoderMustSeeTheWholeClip() {
        try (Scope scope = Scope.noGrad();
                AutoencoderKL autoencoder = load("autoencoder-kl-temporal-decoder")) {
            Tensor latents = latents(autoencoder, 4, 8);
            Tensor whole = new FrameDecoder(autoencoder).decode(latents);
            Tensor halves = Ops.cat(
                    0,
                    new FrameDecoder(autoencoder).decode(Ops.slice(latents, 2, 0, 2)),
                    new FrameDecoder(autoencoder).decode(Ops.slice(latents, 2, 2, 4)));
            assertThat(maxDifference(whole, halves)).isGreaterThan(1e-3);
            assertThatThrownBy(() -> new FrameDecoder(autoencoder, 2, false).decode(latents))
                    .hasMessageContaining("mixes the 4 frames");
            assertThat(maxDifference(whole, new FrameDecoder(autoencoder, 4, false).decode(latents)))
                    .isZero();
        }
    }

    @Test
    void handsOverFramesInOrder() {
        List<Frame> frames = new ArrayList<>();
        try (Scope scope = Scope.noGrad();
                AutoencoderKL autoencoder = load("autoencoder-kl")) {
            new FrameDecoder(autoencoder, 2, false).decode(latents(autoencoder, 5, 8), 4, frames::add);
            int side = 8 * autoencoder.config().factor();
            assertThat(frames).allMatch(frame -> frame.width() == side && frame.height() == side);
        }
        assertThat(frames).extracting(Frame::timeSeconds).containsExactly(0.0, 0.25, 0.5, 0.75, 1.0);
    }

    @Test
    void refusesOtherShapes() {
        try (Scope scope = Scope.noGrad();
                AutoencoderKL autoencoder = load("autoencoder-kl")) {
            FrameDecoder decoder = new FrameDecoder(autoencoder);
            assertThatThrownBy(() -> decoder.decode(Tensors.zeros(2, 4, 1, 8, 8)))
                    .hasMessageContaining("[1,4,F,h,w], got [2, 4, 1, 8, 8]");
            assertThatThrownBy(() -> new FrameEncoder(autoencoder).encode(Tensors.zeros(1, 3, 15, 16)))
                    .hasMessageContaining("multiples of " + autoencoder.config().factor());
        }
    }

    /** Where the network acts on each position alone, blending changes nothing. */
    @Test
    void tilesOfAPointwiseNetworkGiveTheWhole() {
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(2)) {
            Tensor x = generator.normal(2, 3, 19, 30);
            Tensor tiled =
                    new Tiles(8, 16).run(x, tile -> Ops.upsampleNearest(tile, 2 * tile.size(2), 2 * tile.size(3)));
            assertThat(Tensors.toFloats(tiled))
                    .containsExactly(Tensors.toFloats(Ops.upsampleNearest(x, 38, 60)), within(1e-6f));
        }
    }

    @Test
    void tiledCodingIsCloseToTheWhole() {
        try (Scope scope = Scope.noGrad();
                AutoencoderKL autoencoder = load("autoencoder-kl")) {
            int side = autoencoder.config().sampleSize() / autoencoder.config().factor();
            Tensor latents = latents(autoencoder, 2, side + side / 2);
            Tensor whole = new FrameDecoder(autoencoder).decode(latents);
            Tensor tiled = new FrameDecoder(autoencoder, FrameDecoder.AUTO, true).decode(latents);
            assertThat(Tensors.shape(tiled)).containsExactly(Tensors.shape(whole));
            assertThat(Tensors.item(whole.sub(tiled).abs().mean())).isLessThan(0.1);
            Tensor encoded = new FrameEncoder(autoencoder).encode(whole);
            assertThat(Tensors.shape(encoded)).containsExactly(Tensors.shape(latents));
            Tensor encodedTiled = new FrameEncoder(autoencoder, true).encode(whole);
            assertThat(Tensors.shape(encodedTiled)).containsExactly(Tensors.shape(latents));
        }
    }
}
