/**
 * Published video diffusion models as a user has them: folders, motion adapters, and text to video.
 *
 * <pre>{@code
 * try (VideoModel model = VideoModel.open(Path.of("text-to-video-ms-1.7b"))) {
 *     TextToVideo pipeline = new TextToVideo(model);
 *     TextToVideoOptions options = TextToVideoOptions.of("a corgi surfs at sunset").seed(7).build();
 *     try (Clip clip = pipeline.generateClip(options)) {
 *         ...
 *     }
 * }
 * }</pre>
 *
 * <p>Map of the files:
 *
 * <ul>
 *   <li>{@link dev.zoetrope.diffusion.model.VideoModel}: a model and its parts, each loaded when first needed; {@link
 *       dev.zoetrope.diffusion.model.ModelOptions} says which files to take, {@link
 *       dev.zoetrope.diffusion.model.ModelComponent} describes a part;
 *   <li>where a model comes from: {@code PublishedFolder} reads a folder; {@link
 *       dev.zoetrope.diffusion.model.SingleFileCheckpoint} an original checkpoint, with {@code LdmUnet}, {@code
 *       LdmAutoencoder} and {@code LdmText} for its parts; {@code MotionAdapters} and {@code OriginalMotionFile} join
 *       motion modules; {@code ModelParts} is what each of them gives;
 *   <li>{@link dev.zoetrope.diffusion.model.LoraFile}: low-rank adaptations; {@code WeightHash} identifies weights;
 *   <li>{@link dev.zoetrope.diffusion.model.PublishedNetwork}: the published networks by their sizes; {@link
 *       dev.zoetrope.diffusion.model.ModelFamily} and {@link dev.zoetrope.diffusion.model.ModelSynth}: folders of random
 *       weights;
 *   <li>{@link dev.zoetrope.diffusion.model.TextToVideo} and {@link dev.zoetrope.diffusion.model.TextToVideoOptions}: from
 *       prompts to latents, and from latents to frames.
 * </ul>
 */
@NullMarked
package dev.zoetrope.diffusion.model;

import org.jspecify.annotations.NullMarked;
