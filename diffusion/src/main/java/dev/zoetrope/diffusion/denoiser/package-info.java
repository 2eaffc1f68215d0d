/**
 * What every video denoiser offers, whatever its architecture: {@link dev.zoetrope.diffusion.denoiser.VideoDenoiser},
 * the request that names taps, key/value policies and an early stop, and the conditioning.
 */
@NullMarked
package dev.zoetrope.diffusion.denoiser;

import org.jspecify.annotations.NullMarked;
