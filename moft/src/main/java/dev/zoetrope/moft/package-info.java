/**
 * MOFT: motion read from the features of a video diffusion model, and steered by them, without training. Xiao et al.,
 * "Video Diffusion Models are Training-free Motion Interpreter and Controller", arXiv:2405.14864.
 *
 * <p>Start with the jobs, each a static {@code run} with an options record: {@link dev.zoetrope.moft.MotionFit} (profile of
 * a model), {@link dev.zoetrope.moft.MotionInspect}, {@link dev.zoetrope.moft.MotionCompare}, {@link
 * dev.zoetrope.moft.MotionControl}, {@link dev.zoetrope.moft.MotionPans}. docs/moft.md walks through them.
 *
 * <p>Map of the files:
 *
 * <ul>
 *   <li>{@link dev.zoetrope.moft.Moft}: the feature (equations 1, 2); {@link dev.zoetrope.moft.MotionChannels}: principal
 *       components; {@link dev.zoetrope.moft.FeatureReader}: inversion and taps;
 *   <li>{@link dev.zoetrope.moft.MotionProfile}, {@link dev.zoetrope.moft.ProfileFitter}: what a backbone's channels mean;
 *       {@link dev.zoetrope.moft.Direction}, {@link dev.zoetrope.moft.MotionCurves}: synthesised motion; {@link
 *       dev.zoetrope.moft.MotionReference}: that of a clip;
 *   <li>{@link dev.zoetrope.moft.RegionMask}, {@link dev.zoetrope.moft.MotionRegion}, {@link
 *       dev.zoetrope.moft.MotionLoss}, {@link dev.zoetrope.moft.RegionObjective}, {@link dev.zoetrope.moft.PointDrag}: what
 *       is asked of a clip;
 *   <li>{@link dev.zoetrope.moft.MotionGuidance}: the hook of the sampling loop that descends on it;
 *   <li>{@link dev.zoetrope.moft.SimilarityMap}, {@link dev.zoetrope.moft.FlowMeter}, {@link
 *       dev.zoetrope.moft.MotionFidelity}: measures; {@link dev.zoetrope.moft.MotionFiles}: files of the release.
 * </ul>
 *
 * <p>Everything goes through {@code VideoDenoiser} and {@code StepHook}; no network is changed.
 */
@NullMarked
package dev.zoetrope.moft;

import org.jspecify.annotations.NullMarked;
