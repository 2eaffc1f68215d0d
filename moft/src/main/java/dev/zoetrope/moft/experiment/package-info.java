/**
 * The acceptance experiments of MOFT (sheet section 7): a small video diffusion network trained on moving textures, with
 * and without a term that plants a direction code in its features, and the measurements on both. Start at {@link
 * dev.zoetrope.moft.experiment.MoftExperiments}.
 */
@NullMarked
package dev.zoetrope.moft.experiment;

import org.jspecify.annotations.NullMarked;
