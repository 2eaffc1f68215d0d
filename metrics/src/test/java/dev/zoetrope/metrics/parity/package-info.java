@NullMarked
package dev.zoetrope.metrics.parity;

import org.jspecify.annotations.NullMarked;
