package dev.zoetrope.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.zoetrope.tensor.PickleValue.Dict;
import dev.zoetrope.tensor.PickleValue.Inert;
import dev.zoetrope.tensor.PickleValue.Int;
import dev.zoetrope.tensor.PickleValue.Items;
import dev.zoetrope.tensor.PickleValue.TensorRef;
import dev.zoetrope.tensor.PickleValue.Text;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PickleTest {
    private static PickleValue load(byte[] pickle) {
        return new Pickle(new PickleInput(ByteBuffer.wrap(pickle), "x.pt")).run();
    }

    private static PickleValue load(TinyPickle pickle) {
        return load(pickle.stop());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 255, -256, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE, Long.MIN_VALUE})
    void integersKeepTheirValue(long value) {
        assertThat(load(TinyPickle.start().integer(value))).isEqualTo(new Int(value));
    }

    @Test
    void shortIntegersAreSignExtended() {
        assertThat(load(TinyPickle.start().op(0x8a, 0))).isEqualTo(new Int(0));
        assertThat(load(TinyPickle.start().op(0x8a, 1, 0xFF))).isEqualTo(new Int(-1));
        assertThat(load(TinyPickle.start().op(0x8a, 2, 0xFF, 0))).isEqualTo(new Int(255));
        assertThat(load(TinyPickle.start().op(0x8b, 1, 0, 0, 0, 7))).isEqualTo(new Int(7));
        assertThat(load(TinyPickle.start().op('M', 0xFF, 0xFF))).isEqualTo(new Int(65535));
        assertThat(load(TinyPickle.start().op(0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1)))
                .isEqualTo(new Inert("int"));
    }

    /** What {@code pickle.dumps({"a": (1, [2, 3], {4}, frozenset({5}), b"x", 1.5)}, 4)} looks like. */
    @Test
    void laterProtocolsAreRead() {
        TinyPickle pickle = new TinyPickle()
                .op(0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0)
                .op('}', 0x94, 0x8c, 1, 'a', 0x94)
                .op('(', 'K', 1, ']', 0x94, '(', 'K', 2, 'K', 3, 'e', 0x8f, 0x94, '(', 'K', 4, 0x90)
                .op('(', 'K', 5, 0x91, 'C', 1, 'x', 'G', 0, 0, 0, 0, 0, 0, 0, 0, 't', 's');
        Dict dict = (Dict) load(pickle);
        Items tuple = (Items) dict.values.get("a");
        assertThat(tuple).isNotNull();
        assertThat(tuple.values).hasSize(6).startsWith(new Int(1)).endsWith(new Inert("bytes"), new Inert("float"));
        assertThat(((Items) tuple.values.get(1)).values).containsExactly(new Int(2), new Int(3));
        assertThat(((Items) tuple.values.get(2)).values).containsExactly(new Int(4));
        assertThat(((Items) tuple.values.get(3)).values).containsExactly(new Int(5));
    }

    @Test
    void theMemoRecallsValues() {
        TinyPickle pickle = TinyPickle.start().text("a").op('q', 5).text("b").op('r', 1, 2, 3, 4, '0');
        assertThat(load(pickle.op('0', 'j', 1, 2, 3, 4))).isEqualTo(new Text("b"));
        assertThat(load(TinyPickle.start().text("a").op(0x94, '0', 'h', 0))).isEqualTo(new Text("a"));
        assertThatThrownBy(() -> load(TinyPickle.start().op('h', 0))).hasMessageContaining("used before");
    }

    @Test
    void foreignCodeIsNotRun() {
        TinyPickle attack = TinyPickle.start()
                .global("os", "system")
                .text("touch /tmp/attacked")
                .op(0x85, 'R');
        assertThat(load(attack)).isEqualTo(new Inert("os.system"));
        TinyPickle byName = TinyPickle.start().text("os").text("system").op(0x93, ')', 'R');
        assertThat(load(byName)).isEqualTo(new Inert("os.system"));
        TinyPickle loader =
                TinyPickle.start().global("torch.storage", "_load_from_bytes").op('C', 1, 1, 0x85, 'R');
        assertThat(load(loader)).isEqualTo(new Inert("torch.storage._load_from_bytes"));
    }

    @Test
    void foreignObjectsTakeAnyOperation() {
        TinyPickle pickle = TinyPickle.start().global("my", "Cls").op(')', 0x81, '}', 'b', '(');
        pickle.text("k")
                .integer(1)
                .op('u')
                .text("k")
                .integer(1)
                .op('s')
                .integer(1)
                .op('a', ')', 'R');
        assertThat(load(pickle.op(')', '}', 0x92))).isEqualTo(new Inert("my.Cls"));
        assertThat(load(TinyPickle.start().op('(').global("my", "Old").op('o'))).isEqualTo(new Inert("my.Old"));
    }

    @Test
    void tensorsAreBuiltByEveryKnownFunction() {
        TensorRef plain = (TensorRef) load(TinyPickle.start().tensor());
        TinyPickle parameter = TinyPickle.start()
                .global("torch._utils", "_rebuild_parameter")
                .tensor()
                .op(0x88)
                .orderedDict()
                .op(0x87, 'R');
        assertThat(load(parameter)).isEqualTo(plain);
        TinyPickle attributes = TinyPickle.start()
                .global("torch._tensor", "_rebuild_from_type_v2")
                .op('(')
                .global("torch._utils", "_rebuild_parameter")
                .global("torch.nn.parameter", "Parameter")
                .tensor()
                .op(0x85, '}', 't', 'R');
        assertThat(load(attributes)).isEqualTo(plain);
        TinyPickle old = TinyPickle.start()
                .global("torch._utils", "_rebuild_tensor")
                .op('(')
                .storage("FloatStorage", "0", 3)
                .integer(0)
                .integers(1, 3)
                .integers(3, 1)
                .op('t', 'R');
        assertThat(load(old)).isEqualTo(plain);
    }

    @Test
    void senselessTensorsAreInert() {
        TinyPickle noStrides = TinyPickle.start()
                .global("torch._utils", "_rebuild_tensor_v2")
                .op('(')
                .storage("FloatStorage", "0", 3)
                .integer(0)
                .integers(1, 3)
                .integers()
                .op('t', 'R');
        assertThat(load(noStrides)).isInstanceOf(Inert.class);
        assertThat(load(TinyPickle.start().op(')', 'Q'))).isInstanceOf(Inert.class);
        assertThat(load(TinyPickle.start()
                        .global("torch._utils", "_rebuild_parameter")
                        .op(')', 'R')))
                .isInstanceOf(Inert.class);
    }

    @Test
    void valuesMayHoldThemselves() {
        TinyPickle pickle = TinyPickle.start().op('}', 'q', 0, '(').text("me").op('h', 0);
        pickle.text("list").op(']', 'q', 1, 'h', 1, 'a', 'u');
        Dict dict = (Dict) load(pickle);
        assertThat(dict.values.get("me")).isSameAs(dict);
        dict.values.put("w", load(TinyPickle.start().tensor()));
        assertThatThrownBy(() -> StateDict.find(dict, "x.pt"))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("nested too deeply or in themselves");
    }

    /** A dictionary with the same one twice inside, sixteen levels deep and more, has 2^n leaves. */
    @Test
    void manyPathsToOneDictionaryAreBounded() {
        Dict inner = new Dict();
        inner.values.put("w", load(TinyPickle.start().tensor()));
        for (int i = 0; i < 15; i++) {
            Dict outer = new Dict();
            for (int k = 0; k < 10; k++) {
                outer.values.put("k" + k, inner);
            }
            inner = outer;
        }
        PickleValue root = inner;
        assertThatThrownBy(() -> StateDict.at(root, "", "x.pt")).isInstanceOf(ZoetropeException.class);
    }

    static Stream<Arguments> damaged() {
        return Stream.of(
                Arguments.of("reaches beyond", TinyPickle.start()),
                Arguments.of("reaches beyond", TinyPickle.start().op('X', 0xFF, 0xFF, 0xFF, 0xFF)),
                Arguments.of("reaches beyond", TinyPickle.start().op('T', 0xFF, 0xFF, 0xFF, 0xFF)),
                Arguments.of("reaches beyond", TinyPickle.start().op(0x8b, 0xFF, 0xFF, 0xFF, 0x7F)),
                Arguments.of("reaches beyond", TinyPickle.start().op(0x8b, 0xFF, 0xFF, 0xFF, 0xFF)),
                Arguments.of(
                        "reaches beyond", TinyPickle.start().op(0x8d, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F)),
                Arguments.of("no end", TinyPickle.start().op('c', 'x')),
                Arguments.of("opcode 0x50", TinyPickle.start().op('P')),
                Arguments.of("opcode 0x82", TinyPickle.start().op(0x82, 1)),
                Arguments.of("mark is missing", TinyPickle.start().op('t')),
                Arguments.of("value is missing", TinyPickle.start().op('.')),
                Arguments.of("value is missing", TinyPickle.start().op('K', 1, '(', 0x85)),
                Arguments.of("value is missing", TinyPickle.start().op('K', 1, '(', '.')),
                Arguments.of("value is missing", TinyPickle.start().op('R')),
                Arguments.of("value is missing", TinyPickle.start().op('Q')),
                Arguments.of("no list", TinyPickle.start().op('}', 'K', 1, 'a')),
                Arguments.of("no list", TinyPickle.start().op(')', 'K', 1, 'a')),
                Arguments.of("no dictionary", TinyPickle.start().op(']', 'K', 1, 'K', 1, 's')),
                Arguments.of("key has no value", TinyPickle.start().op('}', '(', 'K', 1, 'u')),
                Arguments.of("not named by texts", TinyPickle.start().op('K', 1, 'K', 1, 0x93)));
    }

    @ParameterizedTest
    @MethodSource("damaged")
    void damagedPicklesAreRefused(String message, TinyPickle pickle) {
        byte[] bytes = pickle.stop();
        byte[] cut = Arrays.copyOf(bytes, message.startsWith("reaches") ? bytes.length - 1 : bytes.length);
        assertThatThrownBy(() -> load(cut))
                .isInstanceOfSatisfying(
                        ZoetropeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CHECKPOINT_MISMATCH))
                .hasMessageContaining("x.pt")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(ints = {'}', ']', '(', 'N', 0x94})
    void floodsOfValuesAreBounded(int opcode) {
        byte[] bytes = new byte[12_000_000];
        Arrays.fill(bytes, (byte) opcode);
        bytes[0] = 'N';
        assertThatThrownBy(() -> load(bytes)).isInstanceOf(ZoetropeException.class);
    }
}
