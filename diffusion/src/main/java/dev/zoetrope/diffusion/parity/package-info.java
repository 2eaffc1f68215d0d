/** Parity checks of this module's networks and pipelines; {@code zoetrope parity} and the tests run the same ones. */
@NullMarked
package dev.zoetrope.diffusion.parity;

import org.jspecify.annotations.NullMarked;
