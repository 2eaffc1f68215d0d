/**
 * The feature networks that published measures rest on, from weight files of the user's: {@link
 * dev.zoetrope.metrics.network.Lpips}, {@link dev.zoetrope.metrics.network.I3d}, {@link
 * dev.zoetrope.metrics.network.C3d}, {@link dev.zoetrope.metrics.network.InceptionV3}; and {@link
 * dev.zoetrope.metrics.network.RandomVideoNetwork}, which needs none and whose numbers have names of their own.
 *
 * <p>Legend: B batch, C channels, T frames, H W space.
 */
@NullMarked
package dev.zoetrope.metrics.network;

import org.jspecify.annotations.NullMarked;
