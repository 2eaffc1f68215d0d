/**
 * The one training loop of every system. Start at {@link dev.zoetrope.train.Trainer}: give it an
 * {@link dev.zoetrope.train.Objective} (networks and a loss) and {@link dev.zoetrope.train.TrainingOptions}.
 *
 * <pre>{@code
 * TrainingOptions options = TrainingOptions.builder(Path.of("runs/toy")).steps(2000).batchSize(16).build();
 * TrainingResult result = Trainer.run(objective, options, progress -> bar.stepTo(progress.step()));
 * }</pre>
 *
 * <p>The map:
 *
 * <ul>
 *   <li>{@code FlatParameters} all weights in one tensor, all gradients in another; {@code AdamW}, {@code Ema} and the
 *       gradient clip work on those; {@code LearningRate} is the schedule.
 *   <li>{@code TrainingRun} is the loop; {@code StepSeeds} makes every step's random numbers independent of the past.
 *   <li>{@code Checkpoint}, {@code CheckpointFolder}: a run can be killed at any moment and goes on with the same
 *       numbers; {@code OptionsCheck} refuses to go on with other options.
 *   <li>{@code TrainingLog} writes log.jsonl; {@code EventFile} the same for TensorBoard; {@code LossPlot} a picture.
 * </ul>
 *
 * <p>An output folder has {@code checkpoints/}, {@code weights/} (the averaged weights, one file a network),
 * {@code samples/}, {@code tensorboard/}, {@code log.jsonl} and {@code loss.png}.
 */
@NullMarked
package dev.zoetrope.train;

import org.jspecify.annotations.NullMarked;
