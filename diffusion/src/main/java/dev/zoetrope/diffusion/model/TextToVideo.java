package dev.zoetrope.diffusion.model;

import dev.zoetrope.diffusion.autoencoder.FrameDecoder;
import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.denoiser.VideoDenoiser;
import dev.zoetrope.diffusion.sampling.FreeInitSampler;
import dev.zoetrope.diffusion.sampling.GuidedDenoiser;
import dev.zoetrope.diffusion.sampling.LatentSource;
import dev.zoetrope.diffusion.sampling.SampleGenerators;
import dev.zoetrope.diffusion.sampling.Sampler;
import dev.zoetrope.diffusion.sampling.StepHook;
import dev.zoetrope.diffusion.sampling.WindowedDenoiser;
import dev.zoetrope.diffusion.scheduler.FreeInit;
import dev.zoetrope.diffusion.scheduler.SamplerPlan;
import dev.zoetrope.diffusion.text.ClipTokenizer.Encoding;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.media.Clip;
import dev.zoetrope.media.Frame;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;

/**
 * Text to video: prompts to latents, latents to frames. The two are separate calls, so that latents can be saved before
 * they are decoded.
 *
 * <p>Equal model, options and seed give equal latents; a batch gives what its prompts give one by one.
 */
public final class TextToVideo {
    private final VideoModel model;

    /** @param model not closed here */
    public TextToVideo(VideoModel model) {
        this.model = model;
    }

    /**
     * What a run with these options will do.
     *
     * @throws ZoetropeException BAD_INPUT naming the option that the model cannot do; no weights are read
     */
    public TextToVideoSettings settings(TextToVideoOptions options) {
        return TextToVideoSettings.of(options, model);
    }

    /** What the user should know before the run, such as a prompt that is too long; empty if nothing. */
    public List<String> notices(TextToVideoOptions options) {
        List<String> texts = new ArrayList<>(options.prompts());
        texts.add(options.negativePrompt());
        List<String> notices = new ArrayList<>();
        for (String text : texts) {
            Encoding encoding = model.tokenizer().encode(text);
            if (encoding.truncated()) {
                notices.add(String.format(
                        "\"%.40s...\" has %d tokens, the model reads the first %d",
                        text, encoding.unpadded().length - 2, model.tokenizer().maxLength() - 2));
            }
        }
        return notices;
    }

    /**
     * Embeds texts.
     *
     * @param clipSkip layers of the text encoder to leave out at its end
     * @return [B,L,D]
     */
    public Conditioning encode(List<String> texts, int clipSkip) {
        try (Scope scope = Scope.noGrad()) {
            Tensor ids = model.tokenizer().encode(texts);
            return Conditioning.of(scope.keep(model.textEncoder().forward(ids, clipSkip)));
        }
    }

    /** {@link #generate(TextToVideoOptions, List, LatentSource)} from fresh noise. */
    public Tensor generate(TextToVideoOptions options, StepHook... hooks) {
        return generate(options, List.of(hooks), LatentSource.noise());
    }

    /**
     * Samples the latents of one clip for each prompt.
     *
     * @param hooks called at every step, in this order
     * @param source first latents for all prompts
     * @return [B,C,F,h,w], in the caller's scope
     * @throws ZoetropeException BAD_INPUT for options the model cannot do, CANCELLED, or NATIVE if values are not finite
     */
    public Tensor generate(TextToVideoOptions options, List<StepHook> hooks, LatentSource source) {
        TextToVideoSettings settings = settings(options);
        try (Scope scope = Scope.noGrad();
                SampleGenerators generators =
                        SampleGenerators.of(options.seed(), options.prompts().size())) {
            GuidedDenoiser denoiser = guided(options, settings);
            return scope.keep(sample(options, settings, denoiser, generators, hooks, source));
        }
    }

    /**
     * The denoiser with prompts and guidance, for systems with a loop of their own. Its contexts belong to the caller's
     * scope.
     */
    public GuidedDenoiser guided(TextToVideoOptions options, TextToVideoSettings settings) {
        List<String> prompts = options.prompts();
        Conditioning conditional = encode(prompts, options.clipSkip());
        Optional<Conditioning> unconditional = settings.guidance().isActive()
                ? Optional.of(encode(Collections.nCopies(prompts.size(), options.negativePrompt()), options.clipSkip()))
                : Optional.empty();
        if (options.lowMemory()) {
            model.releaseTextEncoder();
            model.releaseAutoencoder();
        }
        return new GuidedDenoiser(
                denoiser(options), conditional, unconditional, settings.guidance(), options.lowMemory());
    }

    private VideoDenoiser denoiser(TextToVideoOptions options) {
        UNet whole = model.denoiser();
        whole.setFreeU(options.freeU());
        if (options.window().isEmpty()) {
            return whole;
        }
        int window = options.window().getAsInt();
        return new WindowedDenoiser(whole, window, window / 2);
    }

    private static Tensor sample(
            TextToVideoOptions options,
            TextToVideoSettings settings,
            GuidedDenoiser denoiser,
            SampleGenerators generators,
            List<StepHook> hooks,
            LatentSource source) {
        long[] shape = settings.latentShape(options.prompts().size());
        Sampler sampler = new Sampler(denoiser);
        if (options.freeInitIterations() > 1) {
            return new FreeInitSampler(sampler, options.freeInitIterations(), FreeInit.LowPass.published())
                    .run(settings.scheduler(), options.steps(), source, generators.noise(), hooks, shape);
        }
        try (SamplerPlan plan = settings.scheduler().plan(options.steps())) {
            return sampler.run(plan, source, generators.noise(), hooks, shape);
        }
    }

    /**
     * Decodes one sample of a batch and hands over each frame as it comes.
     *
     * @param latents [B,C,F,h,w] as {@link #generate} gave them
     * @param sample index in the batch
     */
    public void decode(Tensor latents, int sample, TextToVideoOptions options, Consumer<Frame> sink) {
        if (sample < 0 || sample >= latents.size(0)) {
            throw ZoetropeException.badInput("sample %d of a batch of %d", sample, latents.size(0));
        }
        try (Scope scope = Scope.noGrad()) {
            decoder(options).decode(Ops.slice(latents, 0, sample, sample + 1L), options.fps(), sink);
        }
    }

    /**
     * Makes one clip.
     *
     * @throws ZoetropeException BAD_INPUT for more than one prompt, and as {@link #generate}
     */
    public Clip generateClip(TextToVideoOptions options, StepHook... hooks) {
        if (options.prompts().size() != 1) {
            throw ZoetropeException.badInput(
                    "%d prompts for one clip; use generate and decode for a batch",
                    options.prompts().size());
        }
        try (Scope scope = Scope.noGrad()) {
            Tensor latents = generate(options, hooks);
            return Clip.of(decoder(options).decode(latents), options.fps());
        }
    }

    private FrameDecoder decoder(TextToVideoOptions options) {
        if (options.lowMemory()) {
            model.releaseTextEncoder();
            model.releaseDenoiser();
        }
        return new FrameDecoder(model.autoencoder(), options.decodeChunk(), options.tiledDecode());
    }
}
