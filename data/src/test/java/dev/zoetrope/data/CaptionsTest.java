package dev.zoetrope.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class CaptionsTest {
    @Test
    void canonicalFormIsFixed() {
        assertThat(Captions.canonical(Attributes.plain(Colour.RED, Shape.CIRCLE, Motion.RIGHT, Background.BLUE)))
                .isEqualTo("a red circle moves to the right over a blue background");
        assertThat(Captions.canonical(Attributes.plain(Colour.YELLOW, Shape.CROSS, Motion.UP, Background.BLACK)))
                .isEqualTo("a yellow cross moves up over a black background");
        assertThat(Captions.canonical(Attributes.plain(Colour.ORANGE, Shape.SQUARE, Motion.STILL, Background.GRAY)))
                .isEqualTo("an orange square stays still over a gray background");
        assertThat(Captions.canonical(new Attributes(
                        Shape.TRIANGLE,
                        Colour.ORANGE,
                        Texture.STRIPES,
                        Background.GRAY,
                        Texture.CHECKER,
                        Motion.DOWN_LEFT,
                        Camera.PAN_LEFT)))
                .isEqualTo("a striped orange triangle moves down and to the left over a checkered gray background"
                        + " while the camera pans left");
    }

    @Test
    void everyCaptionReadsBack() {
        for (int i = 0; i < 5000; i++) {
            var random = new ClipRandom(1, i);
            Attributes attributes = Grammar.full().draw(random, Split.TRAIN);
            String caption = Captions.draw(attributes, random);
            assertThat(CaptionParser.parse(caption)).as(caption).contains(Labels.of(attributes));
        }
    }

    @Test
    void vocabularyIsExactlyTheWordsOfTheCaptions() {
        for (Grammar grammar : List.of(Grammar.tiny(), Grammar.full())) {
            var seen = new TreeSet<String>();
            int canonical = 0;
            for (int i = 0; i < 5000; i++) {
                var random = new ClipRandom(2, i);
                Attributes attributes = grammar.draw(random, Split.TRAIN);
                String caption = Captions.draw(attributes, random);
                canonical += caption.equals(Captions.canonical(attributes)) ? 1 : 0;
                seen.addAll(List.of(caption.split(" ")));
            }
            assertThat(Vocabulary.words(grammar)).containsExactlyElementsOf(seen);
            assertThat(canonical / 5000.0).isBetween(0.55, 0.75);
        }
    }

    @Test
    void withoutItsMotionACaptionSaysTheRest() {
        assertThat(Captions.withoutMotion("a red circle moves to the right over a blue background"))
                .isEqualTo("a red circle over a blue background");
        assertThat(Captions.withoutMotion("")).isEmpty();
        for (int i = 0; i < 5000; i++) {
            var random = new ClipRandom(4, i);
            Attributes attributes = Grammar.full().draw(random, Split.TRAIN);
            Labels all = Labels.of(attributes);
            String rest = Captions.withoutMotion(Captions.draw(attributes, random));
            assertThat(CaptionParser.parse(rest))
                    .as(rest)
                    .contains(new Labels(all.colour(), all.shape(), Labels.UNKNOWN, all.background()));
        }
    }

    @Test
    void freePromptsAreRead() {
        assertThat(CaptionParser.parse("On a WHITE background, a green ball falls."))
                .contains(new Labels("green", "circle", "down", "white"));
        assertThat(CaptionParser.parse("a blue square moving right"))
                .contains(new Labels("blue", "square", "right", Labels.UNKNOWN));
        assertThat(CaptionParser.parse("two dogs play chess")).isEqualTo(Optional.empty());
        assertThat(CaptionParser.parse("")).isEmpty();
        assertThat(CaptionParser.parse("circle".repeat(5000))).isEmpty();
    }
}
