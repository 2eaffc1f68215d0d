/**
 * Measures of motion. {@link dev.zoetrope.metrics.motion.FlowProvider} is where a flow network plugs in; {@link
 * dev.zoetrope.metrics.motion.BlockMatching} needs none, and measures that rest on it end in {@code _bm}.
 */
@NullMarked
package dev.zoetrope.metrics.motion;

import org.jspecify.annotations.NullMarked;
