package dev.zoetrope.tensor;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;

/** Loads LibTorch once per process. Everything of this package that touches a tensor comes through here first. */
public final class LibTorch {
    /** Held by the class loader: the load happens exactly once, and a failure is remembered. */
    private static final class Holder {
        static final boolean LOADED = load();

        private static boolean load() {
            NativeLibraries.load(() -> Loader.load(torch.class));
            String threads = System.getenv("OMP_NUM_THREADS");
            if (threads == null) {
                torch.set_num_threads(Runtime.getRuntime().availableProcessors());
            }
            return true;
        }
    }

    private LibTorch() {}

    /** Makes sure that LibTorch is loaded; cheap after the first call. */
    public static void load() {
        if (!Holder.LOADED) {
            throw new AssertionError("unreachable: loading either succeeds or throws");
        }
    }

    /** Threads that one tensor operation may use. */
    public static int threads() {
        load();
        return torch.get_num_threads();
    }

    /** Sets the threads that one tensor operation may use, at least 1: those of LibTorch and of OpenBLAS, which has its own. */
    public static void setThreads(int threads) {
        if (threads < 1) {
            throw ZoetropeException.badInput("threads must be at least 1, got %d", threads);
        }
        load();
        torch.set_num_threads(threads);
        openblas_nolapack.blas_set_num_threads(threads);
    }
}
