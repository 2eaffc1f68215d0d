/**
 * Training clips out of a folder of one's own: clips with captions, short labelled clips, long videos cut into shots, and
 * stills that become pseudo-videos by a moving window (Gu et al. 2023, sections on data composition).
 *
 * <p>Start at {@link dev.zoetrope.data.compose.Composer}. It surveys the sources, draws how often each is used, cuts the
 * clips, has a {@link dev.zoetrope.data.compose.Captioner} write the captions that are missing, and leaves a folder that
 * {@link dev.zoetrope.data.VideoFolder} reads. {@link dev.zoetrope.data.compose.PseudoVideo} and {@link
 * dev.zoetrope.data.compose.ShotSegmenter} also work alone.
 */
@NullMarked
package dev.zoetrope.data.compose;

import org.jspecify.annotations.NullMarked;
