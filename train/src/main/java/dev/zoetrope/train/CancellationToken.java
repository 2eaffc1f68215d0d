package dev.zoetrope.train;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Asks a run to stop at the end of its step. Any thread may cancel. */
public final class CancellationToken implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final CountDownLatch cancelled = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Runnable unhook = () -> {};

    /** A token that only {@link #cancel()} cancels. */
    public static CancellationToken create() {
        return new CancellationToken();
    }

    /**
     * A token that is cancelled when the process is asked to end (Ctrl-C, SIGTERM). The end of the process then waits,
     * five minutes at most, until the token is closed: close it when the checkpoint is written.
     */
    public static CancellationToken onShutdown() {
        CancellationToken token = new CancellationToken();
        Thread hook = new Thread(token::cancelAndWait, "cancel-on-shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        token.unhook = () -> {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The process is ending: the hook runs and only waits for the latch.
                assert token.isCancelled() || hook.isAlive();
            }
        };
        return token;
    }

    private CancellationToken() {}

    private void cancelAndWait() {
        cancel();
        try {
            closed.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asks to stop; asking again does nothing. */
    public void cancel() {
        cancelled.countDown();
    }

    public boolean isCancelled() {
        return cancelled.getCount() == 0;
    }

    /** Lets the process end. */
    @Override
    public void close() {
        closed.countDown();
        unhook.run();
    }
}
