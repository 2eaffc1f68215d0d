package dev.zoetrope.diffusion.denoiser;

import java.util.List;
import java.util.OptionalInt;

/**
 * A denoiser around another one, which it does not close; subclasses change the evaluation, and where they can the
 * gradient, which otherwise costs the memory of a whole evaluation.
 */
public abstract class DelegatingDenoiser implements VideoDenoiser {
    /** The one inside. */
    protected final VideoDenoiser inner;

    /** @param inner belongs to the caller */
    protected DelegatingDenoiser(VideoDenoiser inner) {
        this.inner = inner;
    }

    @Override
    public int inChannels() {
        return inner.inChannels();
    }

    @Override
    public int outChannels() {
        return inner.outChannels();
    }

    @Override
    public int contextWidth() {
        return inner.contextWidth();
    }

    @Override
    public OptionalInt maxFrames() {
        return inner.maxFrames();
    }

    @Override
    public List<String> tapNames() {
        return inner.tapNames();
    }

    @Override
    public void close() {}
}
