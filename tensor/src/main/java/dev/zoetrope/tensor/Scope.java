package dev.zoetrope.tensor;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.jspecify.annotations.Nullable;

/**
 * Owns the native memory of the tensors made on this thread while it is open, and frees it on close. Every public
 * operation and every step of a loop runs in one; the garbage collector does not see native memory.
 *
 * <pre>{@code
 * try (Scope scope = Scope.open()) {
 *     return scope.keep(torch.silu(x)); // the result belongs to the caller's scope
 * }
 * }</pre>
 *
 * <p>Scopes and gradient modes are per thread: open them on the thread that works.
 */
public final class Scope implements AutoCloseable {
    private final @Nullable PointerScope outer;
    private final PointerScope pointers;

    private Scope() {
        LibTorch.load();
        this.outer = PointerScope.getInnerScope();
        this.pointers = new PointerScope();
    }

    /** A scope that leaves the gradient mode as it is. */
    public static Scope open() {
        return new Scope();
    }

    /** A scope in which no gradients are recorded. */
    public static Scope noGrad() {
        return withGradMode(false);
    }

    /** A scope in which gradients are recorded, also inside a {@link #noGrad()} scope. */
    public static Scope withGrad() {
        return withGradMode(true);
    }

    private static Scope withGradMode(boolean enabled) {
        Scope scope = new Scope();
        // The mode is a native object of the new scope: closing the scope frees it, which restores the mode before.
        scope.pointers.attach(new AutoGradMode(enabled));
        return scope;
    }

    /**
     * Hands a tensor made in this scope to the enclosing one. Without an enclosing scope it lives until it is closed
     * or collected.
     */
    public <P extends Pointer> P keep(P tensor) {
        if (outer != null) {
            outer.attach(tensor);
        } else {
            tensor.retainReference();
        }
        return tensor;
    }

    /** Frees a tensor of this scope now and not at its end; whoever else keeps it still has it. */
    public void free(Pointer tensor) {
        pointers.detach(tensor);
    }

    /** Makes a tensor independent of all scopes: whoever calls this must {@link Pointer#close()} it in the end. */
    public static <P extends Pointer> P own(P tensor) {
        tensor.retainReference();
        return tensor;
    }

    @Override
    public void close() {
        pointers.close();
    }
}
