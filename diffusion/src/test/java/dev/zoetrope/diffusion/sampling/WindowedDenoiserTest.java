package dev.zoetrope.diffusion.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.denoiser.DenoiserRequest;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowedDenoiserTest {
    private static float[] predict(FakeDenoiser inner, Tensor latents, int window, int overlap) {
        try (Scope scope = Scope.noGrad();
                WindowedDenoiser windowed = new WindowedDenoiser(inner, window, overlap)) {
            Conditioning none = Conditioning.of(Tensors.zeros(latents.size(0), 1, 1));
            return Tensors.toFloats(windowed.predict(latents, Tensors.full(500, latents.size(0)), none));
        }
    }

    /** What a frame is predicted to be does not depend on the windows, if it does not depend on other frames. */
    @ParameterizedTest
    @CsvSource({"16, 8, 4", "17, 8, 4", "9, 8, 1", "23, 5, 4", "8, 8, 4", "3, 8, 4"})
    void aFrameWiseNetworkGivesTheSame(int frames, int window, int overlap) {
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(1)) {
            Tensor latents = generator.normal(2, 1, frames, 2, 3);
            FakeDenoiser twice = new FakeDenoiser((x, t, context) -> Ops.mul(x, 2));
            assertThat(predict(twice, latents, window, overlap))
                    .containsExactly(Tensors.toFloats(Ops.mul(latents, 2)), Offset.offset(1e-5f));
        }
    }

    @Test
    void theNetworkSeesWindowsOnlyAndTheyReachFromEndToEnd() {
        List<Long> seen = new ArrayList<>();
        List<Float> firsts = new ArrayList<>();
        FakeDenoiser spy = new FakeDenoiser((x, t, context) -> {
            seen.add(x.size(2));
            firsts.add(Tensors.toFloats(x)[0]);
            return Ops.mul(x, 1);
        });
        try (Scope scope = Scope.noGrad()) {
            float[] ramp = new float[20];
            for (int i = 0; i < ramp.length; i++) {
                ramp[i] = i;
            }
            predict(spy, Tensors.of(ramp, 1, 1, 20, 1, 1), 8, 4);
        }
        assertThat(seen).containsExactly(8L, 8L, 8L, 8L);
        assertThat(firsts).containsExactly(0f, 4f, 8f, 12f);
    }

    /** Two windows of 2 frames over 3: the middle one is their mean, for both weigh their ends alike. */
    @Test
    void sharedFramesAreAveraged() {
        FakeDenoiser mean = new FakeDenoiser((x, t, context) -> {
            try (Scope scope = Scope.open()) {
                return scope.keep(x.mul(Tensors.full(0, 1)).add(x.mean()));
            }
        });
        try (Scope scope = Scope.noGrad()) {
            float[] out = predict(mean, Tensors.of(new float[] {1, 2, 6}, 1, 1, 3, 1, 1), 2, 1);
            assertThat(out).containsExactly(1.5f, 2.75f, 4f);
        }
    }

    @Test
    void windowsThatCannotBeAreRefused() {
        FakeDenoiser inner = new FakeDenoiser((x, t, context) -> x);
        assertThatThrownBy(() -> new WindowedDenoiser(inner, 1, 1))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("window: 1");
        assertThatThrownBy(() -> new WindowedDenoiser(inner, 8, 8))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("overlap of windows: 8");
        assertThatThrownBy(() -> WindowedDenoiser.check(33, 16, java.util.OptionalInt.of(32)))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("limit");
        try (Scope scope = Scope.noGrad()) {
            Tensor latents = Tensors.zeros(1, 1, 9, 1, 1);
            Conditioning none = Conditioning.of(Tensors.zeros(1, 1, 1));
            assertThatThrownBy(() -> new WindowedDenoiser(inner, 4, 2)
                            .forward(latents, Tensors.full(1, 1), none, DenoiserRequest.tapping("mid_block")))
                    .isInstanceOf(ZoetropeException.class)
                    .hasMessageContaining("window");
        }
    }
}
