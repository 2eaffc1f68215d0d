package dev.zoetrope.diffusion.scheduler;

import dev.zoetrope.tensor.Scope;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import org.bytedeco.pytorch.Tensor;

/** The last outputs of a multistep solver. Owns handles of its own, so tensors of a closed scope stay readable. */
final class History implements AutoCloseable {
    private final int capacity;
    private final Deque<Tensor> newestFirst = new ArrayDeque<>();
    private int nextStep;

    /** Keeps the newest {@code capacity} tensors. */
    History(int capacity) {
        this.capacity = capacity;
    }

    /** Tells which step is taken; forgets everything unless it follows the one before. */
    void at(int step) {
        if (step != nextStep || step == 0) {
            clear();
        }
        nextStep = step + 1;
    }

    void push(Tensor tensor) {
        try (Scope scope = Scope.open()) {
            newestFirst.addFirst(Scope.own(new Tensor(tensor)));
        }
        while (newestFirst.size() > capacity) {
            newestFirst.removeLast().close();
        }
    }

    int size() {
        return newestFirst.size();
    }

    /** The tensor pushed {@code back} pushes ago; 0 is the newest. */
    Tensor get(int back) {
        return new ArrayList<>(newestFirst).get(back);
    }

    void clear() {
        newestFirst.forEach(Tensor::close);
        newestFirst.clear();
    }

    @Override
    public void close() {
        clear();
    }
}
