/** Small programs that use the library. Start at {@link dev.zoetrope.examples.HelloZoetrope}. */
@NullMarked
package dev.zoetrope.examples;

import org.jspecify.annotations.NullMarked;
