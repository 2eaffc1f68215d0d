@NullMarked
package dev.zoetrope.metrics.video;

import org.jspecify.annotations.NullMarked;
