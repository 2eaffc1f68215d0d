package dev.zoetrope.data.compose;

import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.ZoetropeException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waiting for captioners, but not for ever. */
final class Limits {
    /** Daemons: one that hangs does not keep the process alive. */
    static final ExecutorService THREADS = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "captioner");
        thread.setDaemon(true);
        return thread;
    });

    private Limits() {}

    static void check(Duration limit) {
        if (limit.isNegative() || limit.isZero() || limit.compareTo(Duration.ofDays(1)) > 0) {
            throw ZoetropeException.badInput(
                    "the time limit of the captioner is %s, expected above 0 up to a day", limit);
        }
    }

    static ZoetropeException late(Duration limit) {
        return ZoetropeException.badInput(
                "the captioner took longer than %.1f s; raise the time limit", limit.toMillis() / 1000.0);
    }

    /** The result, its own failure, or a failure that says it came too late. */
    static <T> T get(CompletableFuture<T> result, long deadlineNanos, Duration limit) {
        try {
            return result.get(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            result.cancel(true);
            throw late(limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ZoetropeException(ErrorCode.CANCELLED, "interrupted while waiting for the captioner", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            for (Throwable t = cause; t != null; t = t.getCause()) {
                if (t instanceof ZoetropeException known) {
                    throw known;
                }
            }
            throw ZoetropeException.io(e, "the captioner does not answer: %s", String.valueOf(cause));
        }
    }
}
