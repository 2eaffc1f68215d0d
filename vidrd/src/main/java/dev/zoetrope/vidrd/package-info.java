/**
 * Long videos from a model of short clips, after Gu et al., "Reuse and Diffuse: Iterative Denoising for Text-to-Video
 * Generation" (VidRD), arXiv:2309.03549. Sheet: vidrd.
 *
 * <p>Start with {@link dev.zoetrope.vidrd.LongVideo}, which works on every text-to-video model. Map of the files:
 *
 * <ul>
 *   <li>{@link dev.zoetrope.vidrd.LongVideo}, {@link dev.zoetrope.vidrd.LongVideoOptions}: prompts to a file, clip by clip,
 *       resumable; {@code WorkFolder} is what is on disk meanwhile, {@code ClipJoiner} puts clips together;
 *   <li>{@link dev.zoetrope.vidrd.ClipChain}, {@link dev.zoetrope.vidrd.ChainOptions}: the same for latents, on any
 *       denoiser;
 *   <li>{@link dev.zoetrope.vidrd.ReuseOptions}: M, alpha, beta, and presets;
 *   <li>{@code NoiseReuse} (FNR and PNS), {@code StagedGuidance} (DSG) and {@code GuidanceStages} are the method; {@code
 *       ClipEdge} is what one clip leaves to the next, {@code VideoTail} and {@code InvertedEdge} find it for a file;
 *   <li>packages {@code model} and {@code training}: VidRD's own network in files, and its training; {@code experiment}:
 *       the acceptance experiments; {@code parity}: comparison with the reference's tensors.
 * </ul>
 *
 * <p>Legend of all files here: B samples of a batch, C latent channels, F or N frames of a clip, h w latent rows and
 * columns, S sampling steps, K clips, M prompt frames.
 */
@NullMarked
package dev.zoetrope.vidrd;

import org.jspecify.annotations.NullMarked;
