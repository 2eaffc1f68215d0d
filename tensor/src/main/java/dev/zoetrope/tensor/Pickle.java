package dev.zoetrope.tensor;

import dev.zoetrope.tensor.PickleValue.Dict;
import dev.zoetrope.tensor.PickleValue.Global;
import dev.zoetrope.tensor.PickleValue.Inert;
import dev.zoetrope.tensor.PickleValue.Int;
import dev.zoetrope.tensor.PickleValue.Items;
import dev.zoetrope.tensor.PickleValue.Storage;
import dev.zoetrope.tensor.PickleValue.Text;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The pickle stack machine, restricted: it runs the opcodes of protocols 2 to 5 that checkpoints use and builds {@link
 * PickleValue}s; it has no way to run Python code or to reach a class. Time and memory are bounded whatever the file
 * says.
 *
 * @see <a href="https://github.com/python/cpython/blob/main/Lib/pickletools.py">the opcodes</a>
 */
final class Pickle {
    private static final int MAX_OPCODES = 10_000_000;
    /** Twenty per tensor are usual, so this is enough for 100,000 tensors. */
    private static final int MAX_VALUES = 2_000_000;

    private static final int MAX_STACK = 1_000_000;
    private static final Inert NONE = new Inert("None");
    private static final Int TRUE = new Int(1);
    private static final Int FALSE = new Int(0);

    private final PickleInput in;
    private final List<PickleValue> stack = new ArrayList<>();
    private final Deque<Integer> marks = new ArrayDeque<>();
    private final Map<Long, PickleValue> memo = new HashMap<>();
    private final Map<String, Storage> storages = new HashMap<>();
    private int values;

    /** A machine that reads one pickle from the position of {@code in} on. */
    Pickle(PickleInput in) {
        this.in = in;
    }

    /**
     * Runs the pickle up to its end and returns what it builds.
     *
     * @throws ZoetropeException (CHECKPOINT_MISMATCH) if it is damaged, or beyond what a checkpoint needs
     */
    PickleValue run() {
        for (int count = 0; count < MAX_OPCODES; count++) {
            int opcode = in.unsignedByte();
            if (opcode == '.') {
                return pop();
            }
            if (!stackAndMemo(opcode) && !scalar(opcode) && !container(opcode) && !call(opcode)) {
                throw in.damaged(String.format("opcode 0x%02x is not one that torch.save writes", opcode));
            }
        }
        throw in.damaged("it has too many instructions");
    }

    /** The storages met so far, by key. */
    Map<String, Storage> storages() {
        return storages;
    }

    private boolean stackAndMemo(int opcode) {
        switch (opcode) {
            case 0x80 -> in.skip(1); // PROTO
            case 0x95 -> in.skip(8); // FRAME: a hint for readers of streams
            case '(' -> mark();
            case '0' -> popOrUnmark();
            case '1' -> popToMark();
            case '2' -> push(peek());
            case 'q' -> remember(in.unsignedByte());
            case 'r' -> remember(in.unsignedInt());
            case 0x94 -> remember(memo.size()); // MEMOIZE
            case 'h' -> push(recall(in.unsignedByte()));
            case 'j' -> push(recall(in.unsignedInt()));
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean scalar(int opcode) {
        switch (opcode) {
            case 'N' -> push(NONE);
            case 0x88 -> push(TRUE);
            case 0x89 -> push(FALSE);
            case 'K' -> pushNew(new Int(in.unsignedByte()));
            case 'M' -> pushNew(new Int(in.unsignedShort()));
            case 'J' -> pushNew(new Int(in.signedInt()));
            case 0x8a -> pushNumber(in.unsignedByte()); // LONG1
            case 0x8b -> pushNumber(in.signedInt()); // LONG4
            case 'G' -> pushSkipped("float", 8);
            case 'X' -> pushNew(new Text(in.text(in.unsignedInt())));
            case 0x8c -> pushNew(new Text(in.text(in.unsignedByte()))); // SHORT_BINUNICODE
            case 0x8d -> pushNew(new Text(in.text(in.signedLong()))); // BINUNICODE8
            case 'U' -> pushNew(new Text(in.latin1(in.unsignedByte())));
            case 'T' -> pushNew(new Text(in.latin1(in.signedInt())));
            case 'C' -> pushSkipped("bytes", in.unsignedByte());
            case 'B' -> pushSkipped("bytes", in.unsignedInt());
            case 0x8e -> pushSkipped("bytes", in.signedLong()); // BINBYTES8
            case 0x96 -> pushSkipped("bytearray", in.signedLong()); // BYTEARRAY8
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean container(int opcode) {
        switch (opcode) {
            case ')' -> pushNew(new Items(List.of()));
            case 0x85 -> pushNew(new Items(popLast(1))); // TUPLE1
            case 0x86 -> pushNew(new Items(popLast(2)));
            case 0x87 -> pushNew(new Items(popLast(3)));
            case 't', 0x91 -> pushNew(new Items(popToMark())); // 0x91: FROZENSET
            case 'l' -> pushNew(new Items(new ArrayList<>(popToMark())));
            case ']', 0x8f -> pushNew(new Items(new ArrayList<>())); // 0x8f: EMPTY_SET
            case 'a' -> append(popLast(1));
            case 'e', 0x90 -> append(popToMark()); // 0x90: ADDITEMS
            case '}' -> pushNew(new Dict());
            case 'd' -> {
                List<PickleValue> pairs = popToMark();
                pushNew(new Dict());
                setItems(pairs);
            }
            case 's' -> setItems(popLast(2));
            case 'u' -> setItems(popToMark());
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean call(int opcode) {
        switch (opcode) {
            case 'c' -> pushNew(new Global(in.line() + "." + in.line()));
            case 0x93 -> stackGlobal();
            case 'Q' -> persistent(PickleGlobals.storage(pop())); // BINPERSID
            case 'R', 0x81 -> reduce(popLast(2)); // 0x81: NEWOBJ
            case 0x92 -> reduce(popLast(3)); // NEWOBJ_EX: the keyword arguments come last
            case 'o' -> {
                List<PickleValue> parts = popToMark();
                pushNew(new Inert(!parts.isEmpty() && parts.get(0) instanceof Global g ? g.name() : "object"));
            }
            // BUILD: attributes of an object; those of a dictionary (module versions) are of no use either.
            case 'b' -> popLast(1);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void persistent(PickleValue value) {
        if (value instanceof Storage storage) {
            storages.put(storage.key(), storage);
        }
        pushNew(value);
    }

    private void stackGlobal() {
        List<PickleValue> names = popLast(2);
        if (!(names.get(0) instanceof Text module) || !(names.get(1) instanceof Text name)) {
            throw in.damaged("a class is not named by texts");
        }
        pushNew(new Global(module.value() + "." + name.value()));
    }

    private void reduce(List<PickleValue> calleeAndArguments) {
        pushNew(PickleGlobals.call(calleeAndArguments.get(0), calleeAndArguments.get(1)));
    }

    private void append(List<PickleValue> added) {
        PickleValue target = peek();
        if (target instanceof Items items && items.values instanceof ArrayList<PickleValue> list) {
            list.addAll(added);
        } else if (!(target instanceof Inert)) {
            throw in.damaged("something is appended to what is no list");
        }
    }

    private void setItems(List<PickleValue> pairs) {
        PickleValue target = peek();
        if (pairs.size() % 2 != 0) {
            throw in.damaged("a key has no value");
        }
        if (target instanceof Dict dict) {
            for (int i = 0; i < pairs.size(); i += 2) {
                dict.put(pairs.get(i), pairs.get(i + 1));
            }
        } else if (!(target instanceof Inert)) {
            throw in.damaged("an item is set in what is no dictionary");
        }
    }

    private void pushNumber(int length) {
        if (length <= Long.BYTES && length >= 0) {
            pushNew(new Int(in.number(length)));
        } else {
            pushSkipped("int", length);
        }
    }

    private void pushSkipped(String type, long length) {
        in.skip(length);
        pushNew(new Inert(type));
    }

    private void pushNew(PickleValue value) {
        if (++values > MAX_VALUES) {
            throw in.damaged("it holds more than " + MAX_VALUES + " values");
        }
        push(value);
    }

    private void push(PickleValue value) {
        if (stack.size() + marks.size() >= MAX_STACK) {
            throw in.damaged("it is nested too deeply");
        }
        stack.add(value);
    }

    private void mark() {
        if (stack.size() + marks.size() >= MAX_STACK) {
            throw in.damaged("it is nested too deeply");
        }
        marks.push(stack.size());
    }

    private void remember(long index) {
        if (memo.size() >= MAX_VALUES) {
            throw in.damaged("it stores more than " + MAX_VALUES + " values");
        }
        memo.put(index, peek());
    }

    private PickleValue recall(long index) {
        PickleValue value = memo.get(index);
        if (value == null) {
            throw in.damaged("value " + index + " is used before it is stored");
        }
        return value;
    }

    private PickleValue peek() {
        return stack.get(lastIndices(1));
    }

    private PickleValue pop() {
        return stack.remove(lastIndices(1));
    }

    /** Removes and returns the last {@code count} values, oldest first. */
    private List<PickleValue> popLast(int count) {
        return cut(lastIndices(count));
    }

    private List<PickleValue> popToMark() {
        if (marks.isEmpty()) {
            throw in.damaged("a mark is missing");
        }
        return cut(marks.pop());
    }

    private void popOrUnmark() {
        if (!marks.isEmpty() && marks.peek() == stack.size()) {
            marks.pop();
        } else {
            pop();
        }
    }

    /** Where the last {@code count} values start; values below the last mark are out of reach. */
    private int lastIndices(int count) {
        int floor = marks.isEmpty() ? 0 : marks.peek();
        if (stack.size() - floor < count) {
            throw in.damaged("a value is missing");
        }
        return stack.size() - count;
    }

    private List<PickleValue> cut(int from) {
        List<PickleValue> tail = stack.subList(from, stack.size());
        List<PickleValue> values = List.copyOf(tail);
        tail.clear();
        return values;
    }
}
