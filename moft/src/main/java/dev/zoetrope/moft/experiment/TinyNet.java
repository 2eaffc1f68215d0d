package dev.zoetrope.moft.experiment;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.diffusion.unet.UNetConfig;
import dev.zoetrope.tensor.Init;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.Embedding;
import dev.zoetrope.tensor.Layers.Linear;
import dev.zoetrope.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The network of the experiments (sheet 3.3): the U-Net with motion modules on three levels of (24, 40, 40) channels, two
 * words of context, and a linear map that reads velocity off the features while the planted code is trained.
 */
final class TinyNet implements AutoCloseable {
    static final int NULL_WORD = 16;

    private static final int CONTEXT = 32;
    private static final List<Integer> CHANNELS = List.of(24, 40, 40);

    final UNet unet;
    final Words words = new Words();
    /** From the channels of the tap to (x, y) velocity; no part of the model. */
    final Linear velocity = new Linear(CHANNELS.get(1), 2);

    /** The embedding of 16 words and the null word. */
    static final class Words extends Layer {
        private final Embedding table = child("table", new Embedding(NULL_WORD + 1, CONTEXT, Init.normal(1)));

        /** @param ids two words a clip */
        Conditioning forward(long... ids) {
            return Conditioning.of(table.forward(Tensors.of(ids, ids.length / 2, 2)));
        }

        /** The context of no words. */
        Conditioning none(int clips) {
            long[] ids = new long[2 * clips];
            Arrays.fill(ids, NULL_WORD);
            return forward(ids);
        }
    }

    /** Motion modules after every layer, or temporal convolutions and temporal attention, which only AE-12 needs. */
    enum Kind {
        MOTION_MODULES("motion"),
        TEMPORAL_CONVOLUTIONS("temporal");

        private final String folder;

        Kind(String folder) {
            this.folder = folder;
        }

        String folder() {
            return folder;
        }
    }

    TinyNet(Kind kind) {
        List<Boolean> attention = List.of(false, true, false);
        boolean modules = kind == Kind.MOTION_MODULES;
        unet = new UNet(new UNetConfig(
                modules ? UNetConfig.Family.MOTION : UNetConfig.Family.VIDEO_3D,
                4,
                4,
                CHANNELS,
                attention,
                attention,
                1,
                List.of(2, 2, 2),
                1,
                CONTEXT,
                8,
                1e-5,
                !modules,
                modules ? 0 : 12,
                new UNetConfig.Motion(modules ? List.of(2, 2, 2) : List.of(), 8, modules ? 32 : 0, modules),
                UNetConfig.Temporal.NONE,
                UNetConfig.AddedTime.NONE));
    }

    /** Random weights. */
    void initialise(long seed) {
        unet.initialise(seed);
        words.initialise(seed + 1);
        velocity.initialise(seed + 2);
    }

    Map<String, Layer> modules(boolean planted) {
        return planted
                ? Map.of("unet", unet, "words", words, "velocity", velocity)
                : Map.of("unet", unet, "words", words);
    }

    /** The schedule of the release: linear betas, no offset, the last level is that of timestep 0. */
    static ObjectNode schedulerJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("_class_name", "DDIMScheduler");
        json.put("num_train_timesteps", 1000);
        json.put("beta_schedule", "linear");
        json.put("beta_start", 0.00085);
        json.put("beta_end", 0.012);
        json.put("clip_sample", false);
        json.put("set_alpha_to_one", false);
        json.put("steps_offset", 0);
        return json;
    }

    @Override
    public void close() {
        modules(true).values().forEach(Layer::close);
    }
}
