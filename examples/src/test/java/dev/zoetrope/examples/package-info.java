@NullMarked
package dev.zoetrope.examples;

import org.jspecify.annotations.NullMarked;
