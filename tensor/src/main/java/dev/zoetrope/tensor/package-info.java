/**
 * LibTorch without its sharp edges: loading, scopes, factories, seeds, layers and weight files.
 *
 * <p>Start at {@link dev.zoetrope.tensor.Scope} (native memory), {@link dev.zoetrope.tensor.Tensors} (making and reading
 * tensors) and {@link dev.zoetrope.tensor.Layer} (networks). Weight files are {@link dev.zoetrope.tensor.WeightSource}s.
 */
@NullMarked
package dev.zoetrope.tensor;

import org.jspecify.annotations.NullMarked;
