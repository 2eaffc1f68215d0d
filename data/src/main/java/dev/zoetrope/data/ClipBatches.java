package dev.zoetrope.data;

import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Endless batches, made ahead by background threads. Batch k holds the clips {@code k * size} to {@code k * size + size
 * - 1} of the source, whatever the number of threads and wherever the iteration started, so a run resumed at step k
 * sees what it would have seen. Memory: at most {@code ahead} finished batches. For use by one thread.
 */
public final class ClipBatches<C extends TrainingClip> implements Iterator<ClipBatch<C>>, AutoCloseable {
    private final ClipSource<C> source;
    private final int size;
    private final ExecutorService workers;
    private final Deque<Future<ClipBatch<C>>> ahead = new ArrayDeque<>();
    private long nextStep;
    private boolean closed;

    private ClipBatches(ClipSource<C> source, int size, long startStep, int threads, int ahead) {
        this.source = source;
        this.size = size;
        this.nextStep = startStep;
        this.workers = Executors.newFixedThreadPool(threads, task -> {
            var thread = new Thread(task, "clip-batches");
            thread.setDaemon(true);
            return thread;
        });
        for (int i = 0; i < ahead; i++) {
            order();
        }
    }

    /** One thread, four batches ahead. */
    public static <C extends TrainingClip> ClipBatches<C> open(ClipSource<C> source, int size, long startStep) {
        return open(source, size, startStep, 1, 4);
    }

    /**
     * Starts making batches.
     *
     * @param size clips a batch, 1 to 4096
     * @param startStep first batch, 0 or more
     * @param threads 1 to 64
     * @param ahead batches made ahead, 1 to 256
     */
    public static <C extends TrainingClip> ClipBatches<C> open(
            ClipSource<C> source, int size, long startStep, int threads, int ahead) {
        if (size < 1 || size > 4096 || startStep < 0 || threads < 1 || threads > 64 || ahead < 1 || ahead > 256) {
            throw ZoetropeException.badInput(
                    "batches of %d from step %d with %d threads, %d ahead: sizes 1 to 4096, steps from 0, threads 1 to"
                            + " 64, ahead 1 to 256",
                    size, startStep, threads, ahead);
        }
        return new ClipBatches<>(source, size, startStep, threads, ahead);
    }

    private void order() {
        long step = nextStep++;
        ahead.add(workers.submit(() -> make(step)));
    }

    private ClipBatch<C> make(long step) {
        var clips = new ArrayList<C>(size);
        for (int i = 0; i < size; i++) {
            clips.add(source.clip(step * size + i));
        }
        return new ClipBatch<>(step, clips);
    }

    /** True until closed. */
    @Override
    public boolean hasNext() {
        return !closed;
    }

    /**
     * The next batch, waiting for it if it is not ready.
     *
     * @throws ZoetropeException of the source, or CANCELLED if the waiting thread is interrupted
     */
    @Override
    public ClipBatch<C> next() {
        if (closed) {
            throw new NoSuchElementException("the batches are closed");
        }
        Future<ClipBatch<C>> head = ahead.remove();
        order();
        try {
            return head.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
            throw new ZoetropeException(ErrorCode.CANCELLED, "interrupted while waiting for a batch", e);
        } catch (ExecutionException e) {
            close();
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error failure) {
                throw failure;
            }
            throw new IllegalStateException("a clip source threw a checked exception", e);
        }
    }

    /** Stops the threads; batches not taken are dropped. */
    @Override
    public void close() {
        closed = true;
        ahead.forEach(f -> f.cancel(true));
        ahead.clear();
        workers.shutdownNow();
    }
}
