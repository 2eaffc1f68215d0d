package dev.zoetrope.tensor;

import java.util.Arrays;
import org.bytedeco.pytorch.StringViewOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Fourier transforms with the zero frequency in the middle of each axis, at index size / 2. Differentiable. */
public final class Spectra {
    private Spectra() {}

    /** Complex frequencies of real {@code x} over these axes, same shape. */
    public static Tensor centred(Tensor x, long... axes) {
        try (Scope scope = Scope.open()) {
            Tensor frequencies = torch.fft_fftn(x, sizes(x, axes), axes, new StringViewOptional());
            return scope.keep(torch.fft_fftshift(frequencies, axes));
        }
    }

    /** The real part of what has these centred frequencies; {@code axes} as for {@link #centred}. */
    public static Tensor inverse(Tensor centred, long... axes) {
        try (Scope scope = Scope.open()) {
            Tensor frequencies = torch.fft_ifftshift(centred, axes);
            Tensor x = torch.fft_ifftn(frequencies, sizes(centred, axes), axes, new StringViewOptional());
            return scope.keep(torch.real(x).contiguous());
        }
    }

    private static long[] sizes(Tensor x, long[] axes) {
        return Arrays.stream(axes).map(x::size).toArray();
    }
}
