/**
 * Comparing with tensors that a reference implementation made: {@link dev.zoetrope.tensor.parity.Fixture} reads a folder,
 * a {@link dev.zoetrope.tensor.parity.ParityCheck} recomputes its outputs, {@link
 * dev.zoetrope.tensor.parity.ParityReport} holds the differences.
 */
@NullMarked
package dev.zoetrope.tensor.parity;

import org.jspecify.annotations.NullMarked;
