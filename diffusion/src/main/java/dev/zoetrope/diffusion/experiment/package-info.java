/**
 * The acceptance experiments of the backbone that need a trained model: each prints its control beside its result (sheet
 * section 7). Those that need none are unit tests.
 */
@NullMarked
package dev.zoetrope.diffusion.experiment;

import org.jspecify.annotations.NullMarked;
