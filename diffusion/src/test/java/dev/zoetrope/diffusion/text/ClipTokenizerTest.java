package dev.zoetrope.diffusion.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.tensor.ZoetropeException;
import dev.zoetrope.tensor.parity.ParityReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClipTokenizerTest {
    private static final Path PUBLISHED = Path.of("src/test/resources/golden/clip-tokenizer");

    @TempDir
    Path temporary;

    @Test
    void givesTheIdsOfTheReference() {
        ParityReport report = new ParityReport("clip-tokenizer");
        ClipTokenizerParity check = new ClipTokenizerParity();
        assertThat(check.supports(PUBLISHED)).isTrue();
        check.run(PUBLISHED, report);
        assertThat(report.lines()).hasSize(2 * 25).allMatch(ParityReport.Line::ok);
    }

    @Test
    void tellsOfTruncation() {
        try (ClipTokenizer tokenizer = ClipTokenizer.load(PUBLISHED)) {
            ClipTokenizer.Encoding full = tokenizer.encode("word ".repeat(75));
            assertThat(full.truncated()).isFalse();
            ClipTokenizer.Encoding cut = tokenizer.encode("word ".repeat(76));
            assertThat(cut.truncated()).isTrue();
            assertThat(cut.unpadded()).hasSize(78);
            assertThat(cut.ids()).isEqualTo(full.ids());
        }
    }

    @Test
    void splitsLikeTheSheet() {
        try (ClipTokenizer tokenizer = ClipTokenizer.load(PUBLISHED)) {
            assertThat(tokenizer.vocabularySize()).isEqualTo(49408);
            assertThat(tokenizer.encode("It'S").unpadded())
                    .isEqualTo(tokenizer.encode("it 's").unpadded());
            assertThat(tokenizer.encode("e\u0301").unpadded())
                    .isEqualTo(tokenizer.encode("\u00e9").unpadded());
            assertThat(tokenizer.encode("half \ud83d pair").unpadded())
                    .isEqualTo(tokenizer.encode("half \ufffd pair").unpadded());
            assertThat(tokenizer.encode("<|ENDofTEXT|>").unpadded()).containsExactly(49406, 49407, 49407);
        }
    }

    @Test
    void specialTokensMapDecidesThePadding() throws IOException {
        ClipTokenizerTrainer.create(77).train(List.of(), temporary).close();
        Files.delete(temporary.resolve("special_tokens_map.json"));
        Files.writeString(temporary.resolve("tokenizer_config.json"), "{\"pad_token\": \"<|endoftext|>\"}");
        ClipTextConfig wide = new ClipTextConfig(514, 1024, 4096, 512, 23, 16, 77, Activation.GELU, 1e-5, 512, 513);
        ClipTextConfig narrow = new ClipTextConfig(514, 768, 3072, 768, 12, 12, 20, Activation.GELU, 1e-5, 512, 513);
        try (ClipTokenizer alone = ClipTokenizer.load(temporary);
                ClipTokenizer sd1 = ClipTokenizer.load(temporary, narrow);
                ClipTokenizer sd2 = ClipTokenizer.load(temporary, wide)) {
            assertThat(alone.padId()).isEqualTo(513);
            assertThat(sd1.padId()).isEqualTo(513);
            assertThat(sd1.maxLength()).isEqualTo(20);
            assertThat(sd2.padId()).isEqualTo(0);
            assertThat(sd2.maxLength()).isEqualTo(77);
        }
        Files.writeString(temporary.resolve("special_tokens_map.json"), "{\"pad_token\": {\"content\": \"!\"}}");
        try (ClipTokenizer tokenizer = ClipTokenizer.load(temporary)) {
            assertThat(tokenizer.encode("").ids()).startsWith(512, 513, 0, 0);
        }
    }

    @Test
    void readsTheOneFileForm() throws IOException {
        byte[] json = TokenizerJson.of(BytePairs.read(PUBLISHED), SpecialTokens.read(PUBLISHED, OptionalInt.empty()));
        Files.write(temporary.resolve("tokenizer.json"), json);
        try (ClipTokenizer published = ClipTokenizer.load(PUBLISHED);
                ClipTokenizer single = ClipTokenizer.load(temporary)) {
            String text = "a corgi surfing, 4k";
            assertThat(single.encode(text).ids())
                    .isEqualTo(published.encode(text).ids());
        }
    }

    @Test
    void refusesFilesThatDoNotBelongTogether() throws IOException {
        Files.writeString(temporary.resolve("vocab.json"), "{\"a\": 0, \"b\": 1}");
        Files.writeString(temporary.resolve("merges.txt"), "#version: 0.2\na b\n");
        assertThatThrownBy(() -> ClipTokenizer.load(temporary))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("\"a b\"")
                .hasMessageContaining("do not belong together");
        assertThatThrownBy(() -> ClipTokenizer.load(temporary.resolve("none")))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("vocab.json");
    }

    @Test
    void aTrainedVocabularyHasOneTokenForEachWord() throws IOException {
        List<String> words = List.of("a", "red", "circle", "moves", "to", "the", "right", "over", "Blue", "left-hand");
        try (ClipTokenizer tokenizer = ClipTokenizerTrainer.create(16).train(words, temporary)) {
            assertThat(tokenizer.maxLength()).isEqualTo(16);
            assertThat(tokenizer
                            .encode("a red circle moves to the RIGHT over blue")
                            .unpadded())
                    .hasSize(9 + 2);
            assertThat(tokenizer.encode("left-hand").unpadded()).hasSize(3 + 2);
            assertThat(tokenizer.encode("日本 unknown 7").unpadded()).hasSizeGreaterThan(9);
            assertThat(tokenizer.eosId()).isEqualTo(tokenizer.vocabularySize() - 1);
            assertThat(tokenizer.padId()).isEqualTo(tokenizer.eosId());
            assertThat(tokenizer.encode("! a").unpadded()).contains(256);
            ClipTokenizer.Encoding many = tokenizer.encode("the ".repeat(15));
            assertThat(many.truncated()).isTrue();
            assertThat(many.ids()).hasSize(16).endsWith(tokenizer.eosId());
        }
        String merges = Files.readString(temporary.resolve("merges.txt"));
        Path again = temporary.resolve("again");
        List<String> reversed = new ArrayList<>(words);
        Collections.reverse(reversed);
        ClipTokenizerTrainer.create(16).train(reversed, again).close();
        assertThat(Files.readString(again.resolve("merges.txt"))).isEqualTo(merges);
    }

    @Test
    void theNumberOfMergesCanBeLimited() {
        BytePairs pairs = ClipTokenizerTrainer.create(16, 3).learn(List.of("circle", "square"));
        assertThat(pairs.merges()).hasSize(3);
        assertThat(pairs.ids()).hasSize(3 + 514).containsEntry("!", 0).containsEntry("a</w>", 256 + 'a' - '!');
    }

    @Test
    void trainedBytesHaveThePublishedIds() {
        BytePairs published = BytePairs.read(PUBLISHED);
        BytePairs trained = ClipTokenizerTrainer.create(16).learn(List.of());
        assertThat(trained.ids()).hasSize(514);
        trained.ids().forEach((symbol, id) -> {
            if (id < 512) {
                assertThat(published.ids()).containsEntry(symbol, id);
            }
        });
    }
}
