package dev.zoetrope.tensor;

import com.google.errorprone.annotations.FormatMethod;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The one exception family of Zoetrope. A message names the file or value, says what was expected, and gives the next
 * step; {@link #code()} tells a program what kind of failure it is.
 */
public final class ZoetropeException extends RuntimeException {
    private final ErrorCode code;

    public ZoetropeException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public ZoetropeException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = Objects.requireNonNull(code);
    }

    public ErrorCode code() {
        return code;
    }

    /** An argument or input file that cannot be used; {@code format} and {@code args} as in {@link String#format}. */
    @FormatMethod
    public static ZoetropeException badInput(String format, @Nullable Object... args) {
        return new ZoetropeException(ErrorCode.BAD_INPUT, String.format(format, args));
    }

    /** A damaged checkpoint, or one that does not fit its configuration. */
    @FormatMethod
    public static ZoetropeException checkpoint(String format, @Nullable Object... args) {
        return new ZoetropeException(ErrorCode.CHECKPOINT_MISMATCH, String.format(format, args));
    }

    /** A file that could not be read or written. */
    @FormatMethod
    public static ZoetropeException io(Throwable cause, String format, @Nullable Object... args) {
        return new ZoetropeException(ErrorCode.IO, String.format(format, args), cause);
    }
}
