package dev.zoetrope.diffusion.text;

import com.fasterxml.jackson.annotation.JsonCreator;
import dev.zoetrope.diffusion.config.ConfigName;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.ZoetropeException;
import org.bytedeco.pytorch.Tensor;

/** The non-linearity of a CLIP feed-forward layer, {@code hidden_act} in its config.json. */
public enum Activation implements ConfigName {
    /** x Phi(x), the exact form: OpenCLIP towers, as in Stable Diffusion 2.x and ModelScope. */
    GELU("gelu"),
    /** x sigmoid(1.702 x): OpenAI's towers, as in Stable Diffusion 1.x. */
    QUICK_GELU("quick_gelu");

    private final String configName;

    Activation(String configName) {
        this.configName = configName;
    }

    @Override
    public String configName() {
        return configName;
    }

    /** @throws ZoetropeException BAD_INPUT listing the supported names */
    @JsonCreator
    public static Activation of(String name) {
        return ConfigName.find(Activation.class, "hidden_act", name);
    }

    Tensor apply(Tensor x) {
        return this == GELU ? Ops.gelu(x) : Ops.quickGelu(x);
    }
}
