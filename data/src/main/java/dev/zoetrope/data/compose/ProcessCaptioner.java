package dev.zoetrope.data.compose;

import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A program that captions: it gets the clip's path as its last argument and the hint on standard input, both in UTF-8, and
 * prints the caption. No shell is between. An exit status other than 0, an empty answer or one of more than 64 KiB is a
 * failure; after the time limit the program and what it started are ended.
 */
public final class ProcessCaptioner implements Captioner {
    private final List<String> command;
    private final Duration limit;

    /**
     * @param command the program and its arguments before the file
     * @param limit for one clip, above 0
     */
    public ProcessCaptioner(List<String> command, Duration limit) {
        if (command.isEmpty() || command.get(0).isBlank()) {
            throw ZoetropeException.badInput("the command of the captioner is empty; give a program and its arguments");
        }
        Limits.check(limit);
        this.command = List.copyOf(command);
        this.limit = limit;
    }

    @Override
    public String name() {
        return command.toString();
    }

    @Override
    public String caption(Path file, String hint) {
        List<String> line = new ArrayList<>(command);
        line.add(file.toAbsolutePath().toString());
        Process process;
        try {
            process = new ProcessBuilder(line).start();
        } catch (IOException e) {
            throw ZoetropeException.io(e, "the captioner cannot be started: %s", e.getMessage());
        }
        try {
            return converse(process, hint);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ZoetropeException(ErrorCode.CANCELLED, "interrupted while waiting for the captioner", e);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /** All three streams at once: a program that fills one while we wait for another would never end. */
    private String converse(Process process, String hint) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        Limits.THREADS.execute(() -> say(process.getOutputStream(), hint));
        CompletableFuture<String> out =
                CompletableFuture.supplyAsync(() -> read(process.getInputStream()), Limits.THREADS);
        CompletableFuture<String> error =
                CompletableFuture.supplyAsync(() -> end(process.getErrorStream()), Limits.THREADS);
        String answer = Limits.get(out, deadline, limit);
        String complaint = Limits.get(error, deadline, limit);
        if (!process.waitFor(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
            throw Limits.late(limit);
        }
        if (process.exitValue() != 0) {
            throw ZoetropeException.badInput(
                    "the captioner %s ended with status %d%s",
                    command.get(0),
                    process.exitValue(),
                    complaint.isBlank() ? "" : ": " + complaint.strip().lines().reduce("", (first, last) -> last));
        }
        return Answer.caption(answer);
    }

    private static void say(OutputStream to, String hint) {
        try (to) {
            to.write((hint + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // A program may end, or close its input, without reading the hint: its answer and status decide.
            return;
        }
    }

    private static String read(InputStream from) {
        Answer answer = new Answer();
        byte[] buffer = new byte[4096];
        try (from) {
            for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                answer.add(buffer, count);
            }
        } catch (IOException e) {
            throw ZoetropeException.io(e, "the captioner's answer cannot be read: %s", e.getMessage());
        }
        return answer.text();
    }

    /** The last of what a program says on its way: models like to print much. */
    private static String end(InputStream from) {
        byte[] last = new byte[0];
        byte[] buffer = new byte[4096];
        try (from) {
            for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                byte[] both = Arrays.copyOf(last, last.length + count);
                System.arraycopy(buffer, 0, both, last.length, count);
                last = Arrays.copyOfRange(both, Math.max(0, both.length - buffer.length), both.length);
            }
        } catch (IOException e) {
            // Only words for a message: the status tells whether it failed.
            return "";
        }
        return new String(last, StandardCharsets.UTF_8);
    }
}
