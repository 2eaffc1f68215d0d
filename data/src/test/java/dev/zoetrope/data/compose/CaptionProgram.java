package dev.zoetrope.data.compose;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A captioner that the tests start; its first argument says how it behaves. */
final class CaptionProgram {
    private CaptionProgram() {}

    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "caption" -> {
                String hint = new String(System.in.readAllBytes(), StandardCharsets.UTF_8).strip();
                // More than a pipe holds: a caller that does not read it would wait for ever.
                System.err.println("loading ".repeat(20_000));
                System.out.println(
                        "someone is " + hint + ",\n in " + Path.of(args[1]).getFileName());
            }
            case "silent" -> System.out.println(" ");
            case "fail" -> {
                System.err.println("warming up\nno model there");
                System.exit(3);
            }
            case "endless" -> System.out.println("word ".repeat(20_000));
            default -> Thread.currentThread().join();
        }
    }
}
