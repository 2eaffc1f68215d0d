@NullMarked
package dev.zoetrope.metrics.motion;

import org.jspecify.annotations.NullMarked;
