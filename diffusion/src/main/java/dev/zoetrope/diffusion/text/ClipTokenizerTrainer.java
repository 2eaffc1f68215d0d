package dev.zoetrope.diffusion.text;

import dev.zoetrope.tensor.AtomicFiles;
import dev.zoetrope.tensor.JsonFiles;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Makes a small CLIP tokenizer from a list of words: the 256 bytes, the 256 bytes that end a word, merges learned from
 * the words (Sennrich et al., arXiv:1508.07909, algorithm 1, until each word is one token), and the two special tokens.
 * The same words in any order give the same files. Cost: merges times the letters of all words.
 */
public final class ClipTokenizerTrainer {
    private static final String END_OF_WORD = "</w>";
    private static final Pattern WORDS =
            Pattern.compile(TokenizerJson.WORDS, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);

    private final int maxLength;
    private final int maxMerges;

    private ClipTokenizerTrainer(int maxLength, int maxMerges) {
        this.maxLength = maxLength;
        this.maxMerges = maxMerges;
    }

    /**
     * A trainer without a limit to the vocabulary.
     *
     * @param maxLength length L of encoded texts with both ends, 2 or more
     */
    public static ClipTokenizerTrainer create(int maxLength) {
        return create(maxLength, Integer.MAX_VALUE);
    }

    /**
     * A trainer that learns at most {@code maxMerges} merges; words may then take several tokens. The vocabulary has
     * 514 entries more than there are merges.
     */
    public static ClipTokenizerTrainer create(int maxLength, int maxMerges) {
        if (maxLength < 2 || maxMerges < 0) {
            throw ZoetropeException.badInput(
                    "tokenizer of length %d with %d merges: expected a length from 2 and merges from 0",
                    maxLength, maxMerges);
        }
        return new ClipTokenizerTrainer(maxLength, maxMerges);
    }

    /**
     * Learns from the words and writes {@code vocab.json}, {@code merges.txt}, {@code tokenizer_config.json} and {@code
     * special_tokens_map.json} in the published layout.
     *
     * @param words texts are split into words as the tokenizer does it
     * @return the tokenizer of the new folder
     */
    public ClipTokenizer train(Collection<String> words, Path folder) {
        BytePairs pairs = learn(words);
        JsonFiles.write(folder.resolve("vocab.json"), pairs.ids());
        AtomicFiles.writeString(
                folder.resolve("merges.txt"), "#version: 0.2\n" + String.join("\n", pairs.merges()) + "\n");
        Map<String, String> special = new LinkedHashMap<>();
        special.put("bos_token", SpecialTokens.START);
        special.put("eos_token", SpecialTokens.END);
        special.put("unk_token", SpecialTokens.END);
        special.put("pad_token", SpecialTokens.END);
        Map<String, Object> config = new LinkedHashMap<>(special);
        config.put("add_prefix_space", false);
        config.put("do_lower_case", true);
        config.put("errors", "replace");
        config.put("model_max_length", maxLength);
        config.put("tokenizer_class", "CLIPTokenizer");
        JsonFiles.write(folder.resolve("tokenizer_config.json"), config);
        JsonFiles.write(folder.resolve("special_tokens_map.json"), special);
        return ClipTokenizer.load(folder);
    }

    BytePairs learn(Collection<String> words) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        byteSymbols().forEach(symbol -> ids.put(symbol, ids.size()));
        byteSymbols().forEach(symbol -> ids.put(symbol + END_OF_WORD, ids.size()));
        List<List<String>> sequences = sequences(words);
        List<String> merges = new ArrayList<>();
        while (merges.size() < maxMerges) {
            Map<String, Integer> counts = pairCounts(sequences);
            if (counts.isEmpty()) {
                break;
            }
            // The map is sorted, so ties go to the first in order.
            String best = counts.entrySet().stream()
                    .reduce((a, b) -> b.getValue() > a.getValue() ? b : a)
                    .orElseThrow()
                    .getKey();
            int space = best.indexOf(' ');
            String left = best.substring(0, space);
            String right = best.substring(space + 1);
            sequences.forEach(sequence -> merge(sequence, left, right));
            merges.add(best);
            ids.putIfAbsent(left + right, ids.size());
        }
        ids.put(SpecialTokens.START, ids.size());
        ids.put(SpecialTokens.END, ids.size());
        return new BytePairs(ids, merges);
    }

    private static List<List<String>> sequences(Collection<String> words) {
        TreeSet<String> distinct = new TreeSet<>();
        for (String word : words) {
            String text = Normalizer.normalize(word, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
            WORDS.matcher(text).results().forEach(match -> distinct.add(match.group()));
        }
        List<String> symbols = byteSymbolsByValue();
        List<List<String>> sequences = new ArrayList<>();
        for (String word : distinct) {
            List<String> sequence = new ArrayList<>();
            for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
                sequence.add(symbols.get(b & 0xFF));
            }
            sequence.set(sequence.size() - 1, sequence.get(sequence.size() - 1) + END_OF_WORD);
            sequences.add(sequence);
        }
        return sequences;
    }

    private static Map<String, Integer> pairCounts(List<List<String>> sequences) {
        Map<String, Integer> counts = new TreeMap<>();
        for (List<String> sequence : sequences) {
            for (int i = 0; i + 1 < sequence.size(); i++) {
                counts.merge(sequence.get(i) + " " + sequence.get(i + 1), 1, Integer::sum);
            }
        }
        return counts;
    }

    private static void merge(List<String> sequence, String left, String right) {
        for (int i = 0; i + 1 < sequence.size(); i++) {
            if (sequence.get(i).equals(left) && sequence.get(i + 1).equals(right)) {
                sequence.set(i, left + right);
                sequence.remove(i + 1);
            }
        }
    }

    /** The symbols of the 256 bytes in the published order of ids: printable bytes first, then the others. */
    private static List<String> byteSymbols() {
        List<String> printable = new ArrayList<>();
        List<String> others = new ArrayList<>();
        List<String> byValue = byteSymbolsByValue();
        for (int b = 0; b < 256; b++) {
            (isPrintable(b) ? printable : others).add(byValue.get(b));
        }
        printable.addAll(others);
        return printable;
    }

    /** The symbol of each byte: itself where it is a printable Latin-1 character, else U+0100 upward. */
    private static List<String> byteSymbolsByValue() {
        List<String> symbols = new ArrayList<>();
        int next = 0x100;
        for (int b = 0; b < 256; b++) {
            symbols.add(Character.toString(isPrintable(b) ? b : next++));
        }
        return symbols;
    }

    private static boolean isPrintable(int b) {
        return (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
    }
}
