/**
 * Made-to-order captioned clips with exact ground truth, detectors that read them back, and batches for training.
 *
 * <p>Start here:
 *
 * <pre>{@code
 * var maker = CaptionedClips.create(ClipSpec.of(64, 64, 16, 8), Grammar.tiny(), Split.TRAIN, 42);
 * CaptionedClip clip = maker.clip(0);          // "a red circle moves to the right over a blue background"
 * Labels seen = AttributeDetector.create(Grammar.tiny()).detect(clip.pictures()).labels();
 * }</pre>
 *
 * <p>Map of the files:
 *
 * <ul>
 *   <li>the grammar: {@link dev.zoetrope.data.Shape}, {@link dev.zoetrope.data.Colour}, {@link
 *       dev.zoetrope.data.Background}, {@link dev.zoetrope.data.Texture}, {@link dev.zoetrope.data.Motion}, {@link
 *       dev.zoetrope.data.Camera}; one choice of each is an {@link dev.zoetrope.data.Attributes}, the choices allowed
 *       are a {@link dev.zoetrope.data.Grammar}, and {@link dev.zoetrope.data.Split} says which are held out;
 *   <li>clips: {@link dev.zoetrope.data.CaptionedClips} draws a {@link dev.zoetrope.data.Scene} and renders a {@link
 *       dev.zoetrope.data.CaptionedClip} with masks, track and optical flow;
 *   <li>words: {@link dev.zoetrope.data.Captions}, {@link dev.zoetrope.data.CaptionParser}, {@link
 *       dev.zoetrope.data.Vocabulary};
 *   <li>measuring: {@link dev.zoetrope.data.AttributeDetector}, {@link dev.zoetrope.data.AttributeScores}, {@link
 *       dev.zoetrope.data.HeldOutPrompts};
 *   <li>feeding: {@link dev.zoetrope.data.ClipSource}, {@link dev.zoetrope.data.ClipBatches}, {@link
 *       dev.zoetrope.data.VideoFolder}.
 * </ul>
 *
 * <p>Everything is a function of (seed, index): the same bytes on every machine, whatever the number of threads.
 */
@NullMarked
package dev.zoetrope.data;

import org.jspecify.annotations.NullMarked;
