package dev.zoetrope.moft;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.diffusion.unet.UNetConfig;
import dev.zoetrope.diffusion.unet.UNetConfig.Family;
import java.util.List;

/** Small random networks of every family. */
final class TinyNets {
    private TinyNets() {}

    static UNet of(Family family) {
        boolean motion = family == Family.MOTION;
        boolean image = family == Family.SPATIO_TEMPORAL;
        List<Boolean> attention = List.of(true, true, false);
        UNet unet = new UNet(new UNetConfig(
                family,
                image ? 8 : 4,
                4,
                List.of(32, 32, 64),
                attention,
                List.of(false, true, true),
                1,
                List.of(2, 2, 2),
                1,
                16,
                image ? 32 : 8,
                1e-5,
                family == Family.VIDEO_3D,
                family == Family.VIDEO_3D ? 16 : 0,
                new UNetConfig.Motion(motion ? List.of(2, 2, 2) : List.of(), motion ? 8 : 0, motion ? 16 : 0, motion),
                family == Family.VIDRD ? new UNetConfig.Temporal(8, true, true, false, true) : UNetConfig.Temporal.NONE,
                image ? new UNetConfig.AddedTime(16, 48) : UNetConfig.AddedTime.NONE));
        unet.initialise(11);
        return unet;
    }

    static ObjectNode schedule() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("_class_name", "DDIMScheduler");
        json.put("beta_schedule", "linear");
        json.put("beta_start", 0.00085);
        json.put("beta_end", 0.012);
        json.put("clip_sample", false);
        return json;
    }
}
