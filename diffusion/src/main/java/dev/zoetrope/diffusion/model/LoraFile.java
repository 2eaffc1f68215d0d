package dev.zoetrope.diffusion.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.zoetrope.diffusion.config.ConfigRecords;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Parameter;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.WeightFiles;
import dev.zoetrope.tensor.WeightSource;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Low-rank adaptations of a U-Net and a text encoder: W + strength alpha/rank up down (Hu et al., arXiv:2106.09685, section
 * 4.1), added to the weights of linear layers and convolutions.
 *
 * <p>Reads kohya's layout ({@code lora_unet_down_blocks_0_..._to_q.lora_down.weight}), that of the reference library
 * ({@code unet.down_blocks.0....to_q.lora_A.weight}, and its older {@code processor.to_q_lora.down.weight}), and the motion
 * LoRAs of AnimateDiff.
 */
public final class LoraFile implements AutoCloseable {
    /** Which network a part of a file belongs to. */
    public enum Target {
        UNET,
        TEXT_ENCODER
    }

    /** Ends of the names of down and up. */
    private static final List<List<String>> SUFFIXES = List.of(
            List.of(".lora_down.weight", ".lora_up.weight"),
            List.of(".lora_A.weight", ".lora_B.weight"),
            List.of(".lora_A.default.weight", ".lora_B.default.weight"),
            List.of("_lora.down.weight", "_lora.up.weight"),
            List.of(".lora.down.weight", ".lora.up.weight"),
            List.of(".lora_linear_layer.down.weight", ".lora_linear_layer.up.weight"));

    private static final List<String> UNET_PREFIXES = List.of("lora_unet_", "unet.");
    private static final List<String> TEXT_PREFIXES = List.of("lora_te_", "lora_te1_", "text_encoder.");
    private static final int LISTED = 10;

    /** One adapted module: down [rank,in,...], up [out,rank,...], and where the scale is. */
    private record Pair(Target target, String module, String down, String up, Optional<String> alpha) {}

    private final WeightSource weights;
    private final List<Pair> pairs = new ArrayList<>();
    private final TreeSet<String> unknown;
    private final Map<Target, Double> commonAlpha = new HashMap<>();

    private LoraFile(WeightSource weights) {
        this.weights = weights;
        this.unknown = new TreeSet<>(weights.entries().keySet());
        weights.entries().keySet().forEach(this::addPair);
        readMetadata();
    }

    /**
     * Opens a file; its values are read when they are applied.
     *
     * @throws ZoetropeException BAD_INPUT if it holds no adaptations
     */
    public static LoraFile open(Path file) {
        LoraFile lora = new LoraFile(WeightFiles.open(file));
        if (lora.pairs.isEmpty()) {
            lora.close();
            throw ZoetropeException.badInput(
                    "%s: holds no low-rank adaptations (names that end in lora_down.weight, lora_A.weight or"
                            + " lora.down.weight)",
                    file);
        }
        return lora;
    }

    private void addPair(String down) {
        for (List<String> suffix : SUFFIXES) {
            if (!down.endsWith(suffix.get(0))) {
                continue;
            }
            String raw = down.substring(0, down.length() - suffix.get(0).length());
            String up = raw + suffix.get(1);
            if (weights.entries().containsKey(up)) {
                Optional<String> alpha = Optional.of(raw + ".alpha").filter(weights.entries()::containsKey);
                pairs.add(pair(raw, down, up, alpha));
                unknown.remove(down);
                unknown.remove(up);
                alpha.ifPresent(unknown::remove);
            }
            return;
        }
    }

    private static Pair pair(String raw, String down, String up, Optional<String> alpha) {
        String module = raw.startsWith("base_model.model.") ? raw.substring("base_model.model.".length()) : raw;
        for (String prefix : TEXT_PREFIXES) {
            if (module.startsWith(prefix)) {
                return new Pair(Target.TEXT_ENCODER, module.substring(prefix.length()), down, up, alpha);
            }
        }
        for (String prefix : UNET_PREFIXES) {
            module = module.startsWith(prefix) ? module.substring(prefix.length()) : module;
        }
        module = OriginalMotionFile.published(module).replace(".processor.", ".");
        return new Pair(Target.UNET, module, down, up, alpha);
    }

    /** Newer files of the reference library keep one alpha for a network in their metadata. */
    private void readMetadata() {
        String text = weights.metadata().get("lora_adapter_metadata");
        if (text == null) {
            return;
        }
        JsonNode json = ConfigRecords.parseObject(text, weights.description() + ", metadata");
        putAlpha(Target.UNET, json.path("unet.lora_alpha"));
        putAlpha(Target.TEXT_ENCODER, json.path("text_encoder.lora_alpha"));
    }

    private void putAlpha(Target target, JsonNode alpha) {
        if (alpha.isNumber()) {
            commonAlpha.put(target, alpha.asDouble());
        }
    }

    /** Number of adapted modules. */
    public int modules() {
        return pairs.size();
    }

    /**
     * Checks that every tensor of the file has its place.
     *
     * @param networks the layers by target; they need no values
     * @throws ZoetropeException CHECKPOINT_MISMATCH listing up to ten tensors that have none
     */
    public void check(Map<Target, ? extends Layer> networks) {
        TreeSet<String> homeless = new TreeSet<>(unknown);
        for (Pair pair : pairs) {
            Layer network = networks.get(pair.target());
            Parameter parameter = network == null ? null : byModule(network).get(key(pair.module()));
            if (parameter == null || !fits(pair, parameter)) {
                homeless.add(pair.down());
            }
        }
        if (!homeless.isEmpty()) {
            String more = homeless.size() > LISTED ? "\n  and " + (homeless.size() - LISTED) + " more" : "";
            throw ZoetropeException.checkpoint(
                    "%s: %d of its tensors fit nothing in this model; is it a LoRA for another one?%s%s",
                    weights.description(),
                    homeless.size(),
                    homeless.stream()
                            .limit(LISTED)
                            .map(name ->
                                    "\n  " + name + " " + weights.entry(name).shape())
                            .reduce("", String::concat),
                    more);
        }
    }

    private boolean fits(Pair pair, Parameter parameter) {
        List<Long> down = weights.entry(pair.down()).shape();
        List<Long> up = weights.entry(pair.up()).shape();
        if (down.size() < 2 || up.size() < 2 || down.get(0) < 1) {
            return false;
        }
        long rank = down.get(0);
        boolean pointwise = up.stream().skip(2).allMatch(size -> size == 1);
        boolean sameRank = pointwise && up.get(1) == rank;
        long elements = weights.entry(pair.down()).elements() / rank * up.get(0);
        return sameRank && up.get(0) == parameter.shape()[0] && elements == parameter.elements();
    }

    /**
     * Adds the adaptations of one network to its weights. The opposite strength takes them away again, up to rounding.
     *
     * @param network loaded, and {@linkplain #check checked}
     */
    public void apply(Target target, Layer network, double strength) {
        Map<String, Parameter> parameters = byModule(network);
        for (Pair pair : pairs) {
            Parameter parameter = parameters.get(key(pair.module()));
            if (pair.target() == target && parameter != null) {
                try (Scope scope = Scope.noGrad()) {
                    Tensor weight = parameter.value();
                    weight.add_(delta(pair, strength).view(Tensors.shape(weight)));
                }
            }
        }
    }

    private Tensor delta(Pair pair, double strength) {
        Tensor down = Tensors.read(weights, pair.down()).flatten(1, -1);
        Tensor up = Tensors.read(weights, pair.up()).flatten(1, -1);
        double rank = down.size(0);
        double alpha = pair.alpha()
                .map(name -> Tensors.item(Tensors.read(weights, name)))
                .orElse(commonAlpha.getOrDefault(pair.target(), rank));
        return Ops.mul(torch.matmul(up, down), strength * alpha / rank);
    }

    /** Weights by the name of their module, with underscores for dots, as kohya's files have it. */
    private static Map<String, Parameter> byModule(Layer network) {
        Map<String, Parameter> modules = new HashMap<>();
        network.parameters().forEach((name, parameter) -> {
            if (name.endsWith(".weight") && parameter.shape().length >= 2) {
                String module = name.substring(0, name.length() - ".weight".length());
                modules.put(key(module), parameter);
                if (module.endsWith(".to_out.0")) {
                    modules.put(key(module.substring(0, module.length() - 2)), parameter);
                }
            }
        });
        return modules;
    }

    private static String key(String module) {
        return module.replace('.', '_');
    }

    @Override
    public void close() {
        weights.close();
    }
}
