/** Fixtures of the measures, recomputed: {@link dev.zoetrope.metrics.parity.MetricsParity} lists the checks. */
@NullMarked
package dev.zoetrope.metrics.parity;

import org.jspecify.annotations.NullMarked;
