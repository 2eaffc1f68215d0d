/** Video and image files in and out, contact sheets and plots. */
@NullMarked
package dev.zoetrope.media;

import org.jspecify.annotations.NullMarked;
