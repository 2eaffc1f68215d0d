@NullMarked
package dev.zoetrope.metrics.network;

import org.jspecify.annotations.NullMarked;
