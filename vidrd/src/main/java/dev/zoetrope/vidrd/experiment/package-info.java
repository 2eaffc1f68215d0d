/** The acceptance experiments of the sheet, section 7: each measures, with its control beside it, and says what it found. */
@NullMarked
package dev.zoetrope.vidrd.experiment;

import org.jspecify.annotations.NullMarked;
