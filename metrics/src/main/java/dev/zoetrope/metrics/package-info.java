/**
 * Every measure, each with its published convention. docs/metrics.md says what each is, where it comes from and how to
 * read it.
 *
 * <ul>
 *   <li>Pictures beside a reference: {@link dev.zoetrope.metrics.Psnr}, {@link dev.zoetrope.metrics.Ssim}, {@link
 *       dev.zoetrope.metrics.MsSsim}, {@link dev.zoetrope.metrics.network.Lpips}.
 *   <li>Rates: {@link dev.zoetrope.metrics.BitsPerPixel}, {@link dev.zoetrope.metrics.BjontegaardDelta}.
 *   <li>Sets of features: {@link dev.zoetrope.metrics.FeatureStatistics}, {@link dev.zoetrope.metrics.FrechetDistance},
 *       {@link dev.zoetrope.metrics.KernelDistance}, {@link dev.zoetrope.metrics.InceptionScore}.
 *   <li>Two folders of videos: {@link dev.zoetrope.metrics.video.VideoSetComparison}.
 * </ul>
 *
 * <p>Statistics are in float64. A number of our own features is never called FVD, FID or LPIPS: those need the published
 * weights, which are a file of the user's.
 */
@NullMarked
package dev.zoetrope.metrics;

import org.jspecify.annotations.NullMarked;
