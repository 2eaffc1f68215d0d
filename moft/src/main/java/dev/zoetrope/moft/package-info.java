@NullMarked
package dev.zoetrope.moft;

import org.jspecify.annotations.NullMarked;
