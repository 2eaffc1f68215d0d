/**
 * Two folders of videos compared: {@link dev.zoetrope.metrics.video.VideoSetOptions} says what, {@link
 * dev.zoetrope.metrics.video.VideoSetComparison} does it one video at a time, {@link
 * dev.zoetrope.metrics.video.ComparisonFiles} writes table, CSV, JSON and plot.
 */
@NullMarked
package dev.zoetrope.metrics.video;

import org.jspecify.annotations.NullMarked;
