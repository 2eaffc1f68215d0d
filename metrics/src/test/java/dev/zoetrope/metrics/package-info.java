@NullMarked
package dev.zoetrope.metrics;

import org.jspecify.annotations.NullMarked;
