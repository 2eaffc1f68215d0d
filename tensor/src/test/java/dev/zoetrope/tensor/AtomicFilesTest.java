package dev.zoetrope.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
    /** Above what any system gives to a process. */
    private static final long NO_PROCESS = 1L << 40;

    @TempDir
    Path folder;

    @Test
    void whatAKilledProcessLeftOfTheSameTargetIsRemoved() throws IOException {
        Path left = Files.writeString(folder.resolve(".a.txt." + NO_PROCESS + "-5.part"), "half");
        Path running = folder.resolve(".a.txt." + ProcessHandle.current().pid() + "-5.part");
        Files.writeString(running, "half");
        Path other = Files.writeString(folder.resolve(".b.txt." + NO_PROCESS + "-5.part"), "half");
        Path own = Files.writeString(folder.resolve(".a.txt.mine.part"), "not ours");
        AtomicFiles.writeString(folder.resolve("a.txt"), "whole");
        assertThat(left).doesNotExist();
        assertThat(running).exists();
        assertThat(other).exists();
        assertThat(own).exists();
        assertThat(folder.resolve("a.txt")).hasContent("whole");
    }

    @Test
    void aFailureLeavesTheOldFileAndNothingElse() throws IOException {
        Path target = Files.writeString(folder.resolve("a.txt"), "old");
        assertThatThrownBy(() -> AtomicFiles.write(target, out -> {
                    out.write('n');
                    throw new IOException("disk full");
                }))
                .isInstanceOf(ZoetropeException.class)
                .hasMessageContaining("a.txt")
                .hasMessageContaining("disk full");
        assertThat(target).hasContent("old");
        assertThat(folder.toFile().list()).containsExactly("a.txt");
    }
}
