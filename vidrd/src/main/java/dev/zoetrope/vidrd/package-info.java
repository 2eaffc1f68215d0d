/**
 * Long videos from a model of short clips, after Gu et al., "Reuse and Diffuse: Iterative Denoising for Text-to-Video
 * Generation" (VidRD), arXiv:2309.03549. Sheet: vidrd.
 */
@NullMarked
package dev.zoetrope.vidrd;

import org.jspecify.annotations.NullMarked;
