/**
 * VidRD's own network in files: {@link dev.zoetrope.vidrd.model.TemporalModel} makes a model folder from an image model
 * (inflation) or from the files of the release, {@link dev.zoetrope.vidrd.model.ReleaseConfig} reads the release's run
 * configuration. What comes out is opened by {@code VideoModel.open} like any other model. Sheet: vidrd, section 5.
 */
@NullMarked
package dev.zoetrope.vidrd.model;

import org.jspecify.annotations.NullMarked;
