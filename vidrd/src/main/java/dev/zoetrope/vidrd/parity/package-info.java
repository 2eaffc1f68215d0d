/** Parity checks of this module; {@code zoetrope parity} and the tests run the same ones. */
@NullMarked
package dev.zoetrope.vidrd.parity;

import org.jspecify.annotations.NullMarked;
