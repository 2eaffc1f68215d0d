package dev.zoetrope.diffusion.unet;

import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.denoiser.DenoiserOutput;
import dev.zoetrope.diffusion.denoiser.DenoiserRequest;
import dev.zoetrope.diffusion.denoiser.LatentGradient;
import dev.zoetrope.diffusion.denoiser.VideoDenoiser;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.Conv2d;
import dev.zoetrope.tensor.Layers.GroupNorm;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The U-Net of Stable Diffusion 1.5 and 2.1, ModelScope and ZeroScope, AnimateDiff, VidRD and Stable Video Diffusion: down
 * blocks that leave skips, a mid block, up blocks that take them back (sheet 3.2 to 3.4).
 */
public final class UNet extends Layer implements VideoDenoiser {
    private final UNetConfig config;
    private final Conv2d convIn;
    private final TimestepEmbedding timeEmbedding;
    private final @Nullable TimestepEmbedding addedEmbedding;
    private final @Nullable TemporalTransformer transformerIn;
    private final List<DownBlock> downBlocks = new ArrayList<>();
    private final MidBlock midBlock;
    private final List<UpBlock> upBlocks = new ArrayList<>();
    private final GroupNorm normOut;
    private final Conv2d convOut;

    /** A U-Net without values: {@link #load} or {@link #initialise} it. */
    public UNet(UNetConfig config) {
        this.config = config;
        long first = config.channels().get(0);
        long timeWidth = config.timeWidth();
        convIn = child("conv_in", Conv2d.same3(config.inChannels(), first));
        timeEmbedding = child("time_embedding", new TimestepEmbedding(first, timeWidth, timeWidth));
        addedEmbedding = config.addedTime().width() == 0
                ? null
                : child(
                        "add_embedding",
                        new TimestepEmbedding(config.addedTime().inputWidth(), timeWidth, timeWidth));
        transformerIn = config.family() != UNetConfig.Family.VIDEO_3D
                ? null
                : child(
                        "transformer_in",
                        new TemporalTransformer(first, config.normGroups(), 8, config.entryHeadSize(), 1, 0));
        for (int i = 0; i < config.levels(); i++) {
            downBlocks.add(child("down_blocks." + i, new DownBlock(config, i)));
        }
        midBlock = child("mid_block", new MidBlock(config));
        for (int i = 0; i < config.levels(); i++) {
            upBlocks.add(child("up_blocks." + i, new UpBlock(config, i)));
        }
        normOut = child("conv_norm_out", new GroupNorm(config.normGroups(), first, config.normEps()));
        convOut = child("conv_out", Conv2d.same3(first, config.outChannels()));
    }

    /** Weights backbone and skips in the two coarsest up blocks from now on; empty: no longer. */
    public void setFreeU(Optional<FreeU> factors) {
        upBlocks.forEach(block -> block.setFreeU(factors));
    }

    public UNetConfig config() {
        return config;
    }

    @Override
    public DenoiserOutput forward(Tensor latents, Tensor timestep, Conditioning conditioning, DenoiserRequest request) {
        checkInput(latents, conditioning);
        try (Scope scope = Scope.open()) {
            UNetPass pass = new UNetPass(
                    latents.size(0),
                    latents.size(2),
                    embedTime(timestep, conditioning),
                    conditioning.context(),
                    request,
                    scope);
            try {
                pass.tap(timeEmbedding, pass.timeEmbedding);
                Tensor out = evaluate(pass.fold(latents), pass); // [(B F),C,H,W]
                return new DenoiserOutput(scope.keep(pass.unfold(out).contiguous()), pass.taps());
            } catch (UNetPass.EarlyStop stop) {
                return new DenoiserOutput(null, pass.taps());
            }
        }
    }

    /**
     * A loss of taps and prediction, and its gradient with respect to the latents, with far less memory than
     * differentiating {@link #forward}: every stage (block) is evaluated twice and only one at a time holds its graph.
     * For frozen weights: those of parameters are not asked for.
     *
     * @param request its key/value policy sees every attention twice
     * @param loss from the output to a scalar
     */
    @Override
    public LatentGradient gradient(
            Tensor latents,
            Tensor timestep,
            Conditioning conditioning,
            DenoiserRequest request,
            Function<DenoiserOutput, Tensor> loss) {
        checkInput(latents, conditioning);
        try (Scope scope = Scope.noGrad()) {
            Tensor embedding = embedTime(timestep, conditioning);
            LatentGradient result = new Recomputation(
                            this, latents.detach(), embedding, conditioning.context(), request)
                    .gradient(loss);
            scope.keep(result.gradient());
            return result;
        }
    }

    /**
     * Adds the gradients of a loss of the prediction to the parameters', with the memory of one stage at a time: every stage
     * is evaluated twice.
     *
     * @param loss from the prediction [B,C,F,h,w] to a scalar
     * @return the loss
     */
    public double backward(Tensor latents, Tensor timestep, Conditioning conditioning, Function<Tensor, Tensor> loss) {
        checkInput(latents, conditioning);
        try (Scope scope = Scope.withGrad()) {
            Tensor embedding = embedTime(timestep, conditioning);
            Tensor shared = embedding.detach().set_requires_grad(true); // every stage adds its gradient to it
            double value = new Recomputation(
                            this, latents.detach(), shared, conditioning.context(), DenoiserRequest.NONE)
                    .gradient(output -> loss.apply(output.prediction()))
                    .loss();
            if (embedding.requires_grad()) { // not where its layers are frozen
                embedding.mul(shared.grad()).sum().backward();
            }
            return value;
        }
    }

    private Tensor embedTime(Tensor timestep, Conditioning conditioning) {
        Tensor embedding = timeEmbedding.forward(
                TimestepEmbedding.sinusoid(timestep, config.channels().get(0)));
        if (addedEmbedding == null) {
            return embedding;
        }
        Tensor ids = conditioning
                .addedTimeIds()
                .orElseThrow(
                        () -> ZoetropeException.badInput(
                                "this U-Net needs added time ids (frame rate, motion bucket, noise level) in its conditioning"));
        Tensor sinusoids =
                TimestepEmbedding.sinusoid(ids.flatten(), config.addedTime().width());
        return embedding.add(addedEmbedding.forward(sinusoids.view(ids.size(0), -1)));
    }

    private Tensor evaluate(Tensor x, UNetPass pass) {
        try (Scope scope = Scope.open()) {
            Deque<Tensor> skips = new ArrayDeque<>();
            Tensor h = x;
            for (int i = 0; i < stages(); i++) {
                Tensor before = h;
                h = stage(i, before, skips, pass);
                if (i >= firstUp()) {
                    scope.free(before);
                }
            }
            return scope.keep(h);
        }
    }

    /** Entry, down blocks, mid block, up blocks, exit. */
    int stages() {
        return downBlocks.size() + upBlocks.size() + 3;
    }

    private int firstUp() {
        return downBlocks.size() + 2;
    }

    /** Stage {@code i} of the network: takes and returns [(B F),C,H,W], and pushes or pops skips. */
    Tensor stage(int i, Tensor x, Deque<Tensor> skips, UNetPass pass) {
        if (i == 0) {
            return enter(x, skips, pass);
        }
        if (i < firstUp() - 1) {
            return downBlocks.get(i - 1).forward(x, skips, pass);
        }
        if (i < firstUp()) {
            return midBlock.forward(x, pass);
        }
        return i < stages() - 1 ? upBlocks.get(i - firstUp()).forward(x, skips, pass) : exit(x, pass);
    }

    private Tensor enter(Tensor x, Deque<Tensor> skips, UNetPass pass) {
        Tensor h = convIn.forward(x);
        pass.tap(convIn, h);
        if (transformerIn != null) {
            h = transformerIn.forward(h, pass);
        }
        skips.push(h);
        return h;
    }

    private Tensor exit(Tensor x, UNetPass pass) {
        try (Scope scope = Scope.open()) {
            Tensor normal = config.family() == UNetConfig.Family.VIDRD
                    ? pass.fold(normOut.forward(pass.unfold(x)))
                    : normOut.forward(x);
            pass.tap(normOut, normal);
            // What a caller has tapped must not be overwritten.
            Tensor active = pass.isTapped(normOut) ? torch.silu(normal) : Ops.siluOver(normal);
            Tensor out = convOut.forward(active);
            pass.tap(convOut, out);
            return scope.keep(out);
        }
    }

    private void checkInput(Tensor latents, Conditioning conditioning) {
        if (latents.dim() != 5 || latents.size(1) != config.inChannels()) {
            throw ZoetropeException.badInput(
                    "latents must be [B,%d,F,h,w], got %s",
                    config.inChannels(), java.util.Arrays.toString(dev.zoetrope.tensor.Tensors.shape(latents)));
        }
        Tensor context = conditioning.context();
        if (context.size(-1) != config.contextWidth()) {
            throw ZoetropeException.badInput(
                    "context width %d, U-Net expects %d: the text encoder does not belong to this U-Net",
                    context.size(-1), config.contextWidth());
        }
        if (context.size(0) != latents.size(0)) {
            throw ZoetropeException.badInput(
                    "%d contexts for %d clips: give one context a clip", context.size(0), latents.size(0));
        }
        maxFrames().ifPresent(limit -> {
            if (latents.size(2) > limit) {
                throw ZoetropeException.badInput(
                        "%d frames exceed this model's limit of %d; ask for at most %d, or join several clips",
                        latents.size(2), limit, limit);
            }
        });
    }

    @Override
    public int inChannels() {
        return config.inChannels();
    }

    @Override
    public int outChannels() {
        return config.outChannels();
    }

    @Override
    public int contextWidth() {
        return config.contextWidth();
    }

    @Override
    public OptionalInt maxFrames() {
        int limit = config.motion().maxFrames();
        return limit == 0 ? OptionalInt.empty() : OptionalInt.of(limit);
    }

    @Override
    public List<String> tapNames() {
        return paths().stream()
                .filter(
                        path -> path.matches(
                                "time_embedding|conv_in|conv_norm_out|conv_out|transformer_in|mid_block|(down|up)_blocks\\.\\d+"
                                        + "|.*(resnets|attentions|temp_convs|motion_modules)\\.\\d+|.*attn[12](\\.to_[kv])?|.*temp_attn(\\.to_[kv])?|.*ff"))
                .toList();
    }
}
