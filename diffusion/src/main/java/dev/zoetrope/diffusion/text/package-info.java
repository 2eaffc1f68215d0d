/**
 * CLIP: text to token ids, token ids to the context of a U-Net, and texts and images in one space.
 *
 * <p>Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", arXiv:2103.00020. Reads
 * the {@code tokenizer} and {@code text_encoder} folders of published models as they are.
 *
 * <pre>{@code
 * ClipTextEncoder encoder = ClipTextEncoder.load(model.resolve("text_encoder"));
 * ClipTokenizer tokenizer = ClipTokenizer.load(model.resolve("tokenizer"), encoder.config());
 * Tensor context = encoder.forward(tokenizer.encode(List.of("a corgi surfing", ""))); // [2,77,D]
 * }</pre>
 *
 * <p>Map of the files:
 *
 * <ul>
 *   <li>{@link dev.zoetrope.diffusion.text.ClipTokenizer}: texts to ids ({@code BytePairs} and {@code SpecialTokens} read
 *       the folder, {@code TokenizerJson} prepares it for the tokenizers library); {@link
 *       dev.zoetrope.diffusion.text.ClipTokenizerTrainer} makes a small vocabulary from words;
 *   <li>{@link dev.zoetrope.diffusion.text.ClipTextEncoder}, {@link dev.zoetrope.diffusion.text.ClipVisionEncoder},
 *       {@link dev.zoetrope.diffusion.text.ClipModel}: the networks a user loads. Their towers are {@code
 *       ClipTextTransformer} and {@code ClipVisionTransformer}, both around {@code ClipEncoder};
 *   <li>{@link dev.zoetrope.diffusion.text.ClipTextConfig}, {@link dev.zoetrope.diffusion.text.ClipVisionConfig},
 *       {@link dev.zoetrope.diffusion.text.ClipConfig}, {@link dev.zoetrope.diffusion.text.Activation}: config.json;
 *   <li>{@link dev.zoetrope.diffusion.text.ClipTextParity}, {@link dev.zoetrope.diffusion.text.ClipTokenizerParity}:
 *       comparison with the reference.
 * </ul>
 */
@NullMarked
package dev.zoetrope.diffusion.text;

import org.jspecify.annotations.NullMarked;
