package dev.zoetrope.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code zoetrope doctor}. */
@Command(
        name = "doctor",
        header = "Check this machine.",
        description = {
            "Java, cores, memory, the cache of native libraries, LibTorch and FFmpeg (loaded in a",
            "process of their own, so that a crash is reported and not suffered), thread settings",
            "and disk. Exit status 1 if something fails; warnings do not."
        })
final class DoctorCommand implements Callable<Integer> {
    private final Shell shell;

    DoctorCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        List<Finding> findings = Diagnosis.run();
        findings.forEach(finding -> shell.out().println(finding));
        long failed = findings.stream()
                .filter(f -> f.verdict() == Finding.Verdict.FAIL)
                .count();
        shell.out().println(failed == 0 ? "this machine can run Zoetrope" : failed + " checks failed");
        return failed == 0 ? 0 : 1;
    }
}
