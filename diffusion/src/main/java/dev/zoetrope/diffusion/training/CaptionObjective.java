package dev.zoetrope.diffusion.training;

import dev.zoetrope.data.CaptionParser;
import dev.zoetrope.data.LabelCode;
import dev.zoetrope.data.Labels;
import dev.zoetrope.diffusion.text.ClipTextEncoder;
import dev.zoetrope.diffusion.text.ClipTokenizer;
import dev.zoetrope.tensor.Layer;
import dev.zoetrope.tensor.Layers.Linear;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.train.Objective;
import dev.zoetrope.train.StepContext;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Teaches the text encoder what captions say before any picture is seen: a linear map of its state at the end of the text,
 * and at the padding after it, gives colour, shape, motion and background as a {@link LabelCode}, mean squared error.
 *
 * <p>Published models come with a text encoder that was trained on text and pictures and stays frozen (sheet 2.2). A small
 * one that learns together with the U-Net does not get there: colours lower the loss at once, directions only when frames,
 * places and words are understood together, and by then the words for directions are gone from its states (measured:
 * exchanging "left" and "right" changed them by 0.001 of their mean square, "red" and "green" by 1.3).
 */
final class CaptionObjective implements Objective {
    private static final double CAPTION_DROPOUT = 0.1;

    private final ClipTextEncoder textEncoder;
    private final ClipTokenizer tokenizer;
    private final LatentCache cache;
    private final LabelCode code;
    private final Linear head;

    CaptionObjective(
            ClipTextEncoder textEncoder, ClipTokenizer tokenizer, LatentCache cache, LabelCode code, long seed) {
        this.textEncoder = textEncoder;
        this.tokenizer = tokenizer;
        this.cache = cache;
        this.code = code;
        this.head = new Linear(textEncoder.config().hiddenSize(), code.size());
        head.initialise(seed);
    }

    @Override
    public Map<String, Layer> modules() {
        return Map.of("text_encoder", textEncoder, "head", head);
    }

    @Override
    public Tensor loss(StepContext step) {
        int batch = step.batchSize();
        long[] clips = Tensors.toLongs(step.generator().integers(0, cache.size(), batch));
        List<String> captions = cache.captions(clips, CAPTION_DROPOUT, step.generator());
        Tensor ids = tokenizer.encode(captions); // [B,L]
        Tensor ended = Tensors.of(ended(Tensors.toLongs(ids)), batch, ids.size(1), 1);
        Tensor said = Tensors.of(said(captions), batch, 1, code.size());
        Tensor read = head.forward(textEncoder.forward(ids)); // [B,L,S]
        return Ops.meanSquare(read.mul(ended), said.mul(ended));
    }

    /** 1 from the end of the text on, 0 before it. */
    private float[] ended(long[] ids) {
        float[] ended = new float[ids.length];
        for (int i = 0; i < ids.length; i++) {
            ended[i] = ids[i] == tokenizer.eosId() || ids[i] == tokenizer.padId() ? 1 : 0;
        }
        return ended;
    }

    private float[] said(List<String> captions) {
        float[] said = new float[captions.size() * code.size()];
        for (int i = 0; i < captions.size(); i++) {
            Labels labels = CaptionParser.parse(captions.get(i)).orElse(Labels.NONE);
            System.arraycopy(code.of(labels), 0, said, i * code.size(), code.size());
        }
        return said;
    }
}
