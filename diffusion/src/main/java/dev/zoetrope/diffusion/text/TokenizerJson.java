package dev.zoetrope.diffusion.text;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;

/** Writes CLIP's tokenizer in the one-file form ({@code tokenizer.json}) that the tokenizers library reads. */
final class TokenizerJson {
    /** Contractions, runs of letters, single digits, runs of anything else that is not a space. */
    static final String WORDS = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

    private TokenizerJson() {}

    static byte[] of(BytePairs pairs, SpecialTokens special) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("version", "1.0").putNull("truncation").putNull("padding");
        for (String token : new LinkedHashSet<>(List.of(special.bos(), special.eos()))) {
            json.withArray("added_tokens")
                    .addObject()
                    .put("id", pairs.id(token, "special token"))
                    .put("content", token)
                    .put("special", true)
                    .put("normalized", true) // found in the lower-cased text
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false);
        }
        addNormalizer(json);
        addPreTokenizer(json);
        json.putNull("post_processor").putNull("decoder");
        addModel(json, pairs, special);
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void addNormalizer(ObjectNode json) {
        ObjectNode normalizer = json.putObject("normalizer").put("type", "Sequence");
        var steps = normalizer.putArray("normalizers");
        steps.addObject().put("type", "NFC");
        ObjectNode spaces = steps.addObject().put("type", "Replace").put("content", " ");
        spaces.putObject("pattern").put("Regex", "\\s+");
        steps.addObject().put("type", "Lowercase");
    }

    private static void addPreTokenizer(ObjectNode json) {
        ObjectNode preTokenizer = json.putObject("pre_tokenizer").put("type", "Sequence");
        var steps = preTokenizer.putArray("pretokenizers");
        // "invert" with "Removed" keeps what matches.
        ObjectNode split = steps.addObject()
                .put("type", "Split")
                .put("behavior", "Removed")
                .put("invert", true);
        split.putObject("pattern").put("Regex", WORDS);
        steps.addObject()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", true);
    }

    private static void addModel(ObjectNode json, BytePairs pairs, SpecialTokens special) {
        ObjectNode model = json.putObject("model").put("type", "BPE");
        model.putNull("dropout");
        model.put("unk_token", special.unknown());
        model.put("continuing_subword_prefix", "").put("end_of_word_suffix", "</w>");
        model.put("fuse_unk", false).put("byte_fallback", false);
        ObjectNode vocab = model.putObject("vocab");
        pairs.ids().forEach(vocab::put);
        var merges = model.putArray("merges");
        pairs.merges().forEach(merges::add);
    }
}
