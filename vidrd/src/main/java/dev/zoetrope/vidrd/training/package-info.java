/**
 * Training VidRD's layers: {@link dev.zoetrope.vidrd.training.UNetTuning} inflates an image U-Net and trains its temporal
 * layers and transformers, {@link dev.zoetrope.vidrd.training.DecoderTuning} the temporal layers of the decoder. Sheet:
 * vidrd, section 4.
 */
@NullMarked
package dev.zoetrope.vidrd.training;

import org.jspecify.annotations.NullMarked;
