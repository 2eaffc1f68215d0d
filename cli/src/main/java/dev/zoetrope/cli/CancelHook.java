package dev.zoetrope.cli;

import dev.zoetrope.diffusion.sampling.StepHook;
import dev.zoetrope.diffusion.sampling.StepState;
import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.ZoetropeException;
import dev.zoetrope.train.CancellationToken;
import java.util.function.Consumer;

/** Ends sampling before its next step once the process was asked to end (Ctrl-C, SIGTERM). */
final class CancelHook implements StepHook {
    private final CancellationToken token;
    private final String left;

    private CancelHook(CancellationToken token, String left) {
        this.token = token;
        this.left = left;
    }

    /**
     * Runs work that gives the hook to its sampling and calls {@link #check()} between other long parts.
     *
     * @param left what a cancelled run leaves behind, for the message
     */
    static void run(Shell shell, String left, Consumer<CancelHook> work) {
        try (CancellationToken token = CancellationToken.onShutdown()) {
            try {
                work.accept(new CancelHook(token, left));
            } catch (ZoetropeException e) {
                if (token.isCancelled()) {
                    // Said here: once the token is closed, the process may end before anything else is printed.
                    shell.err().println("zoetrope: " + e.getMessage());
                }
                throw e;
            }
        }
    }

    /** @throws ZoetropeException CANCELLED once the process was asked to end */
    void check() {
        if (token.isCancelled()) {
            throw new ZoetropeException(ErrorCode.CANCELLED, "cancelled; " + left);
        }
    }

    @Override
    public void beforeStep(StepState state) {
        check();
    }
}
