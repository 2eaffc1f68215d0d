package dev.zoetrope.vidrd;

import dev.zoetrope.diffusion.model.TextToVideoOptions;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What long video to make. Checked when it is built, and against the model before any weights are read.
 *
 * @param generation how each clip is sampled: steps, guidance, size, frames of a clip, seed of the video, frames a second.
 *     One prompt; FreeInit must be off
 * @param prompts the prompt of each clip; default: the prompt of {@code generation} for all
 * @param clips clips to make, 1 to 100,000; default 2. Not used if seconds are given
 * @param seconds length of what is made, above 0; as many clips as needed, cut to length (a loop is not cut). With
 *     {@code extend} the extended file does not count
 * @param reuse what a clip takes over from the one before; default: the preset {@code seamless}
 * @param prior noise of the first clip; default {@link NoisePrior#INDEPENDENT}
 * @param join how clips are joined; default {@link Join#CONCAT}
 * @param loop end at the first frame, for a video that repeats without a seam; 2 clips or more; default false
 * @param extend a video to continue; its last frames are inverted, and its frames come first in the result, resized to
 *     the size of the clips. Needs the scheduler ddim
 * @param temporalDecode whether a decoder that mixes frames may; false decodes each frame alone, as the released VidRD
 *     pipeline does. Default true
 * @param keepClips keep the finished clips, and what is needed to add more, after the video is written. Default false
 */
public record LongVideoOptions(
        TextToVideoOptions generation,
        PromptSchedule prompts,
        int clips,
        OptionalDouble seconds,
        ReuseOptions reuse,
        NoisePrior prior,
        Join join,
        boolean loop,
        Optional<Path> extend,
        boolean temporalDecode,
        boolean keepClips) {
    private static final int MOST_CLIPS = 100_000;

    /** @throws ZoetropeException BAD_INPUT naming the option that cannot be */
    public LongVideoOptions {
        if (generation.prompts().size() != 1) {
            throw ZoetropeException.badInput(
                    "%d prompts for one long video; make one after the other, or give a prompt schedule",
                    generation.prompts().size());
        }
        if (generation.freeInitIterations() != 1) {
            throw ZoetropeException.badInput(
                    "FreeInit replaces the noise that clips share; leave it off for a long video");
        }
        if (clips < 1 || clips > MOST_CLIPS) {
            throw ZoetropeException.badInput("clips: %d, expected 1 to %d", clips, MOST_CLIPS);
        }
        double length = seconds.orElse(1);
        if (!(length > 0 && length <= 1e6)) {
            throw ZoetropeException.badInput("seconds: %s, expected above 0 and at most 1,000,000", length);
        }
        if (loop && extend.isPresent()) {
            throw ZoetropeException.badInput("a video that is extended cannot become a loop; choose one of the two");
        }
        extend.ifPresent(file -> {
            if (!Files.isRegularFile(file)) {
                throw ZoetropeException.badInput("%s: there is no such file to extend", file);
            }
        });
    }

    /** The defaults: two clips of the preset {@code seamless}. */
    public static Builder of(TextToVideoOptions generation) {
        return new Builder(generation);
    }

    /** Clips to make, if each has {@code frames} frames. */
    int clipsOf(int frames) {
        if (seconds.isEmpty()) {
            return clips;
        }
        long added = join.added(frames);
        long atFirst = extend.isPresent() ? 0 : frames - added; // the first clip has no border in front
        long count = Math.max(loop ? 2 : 1, (wantedFrames() - atFirst + added - 1) / added);
        if (count > MOST_CLIPS) {
            throw ZoetropeException.badInput(
                    "seconds: %s needs %d clips, expected at most %d", seconds.getAsDouble(), count, MOST_CLIPS);
        }
        return (int) count;
    }

    private long wantedFrames() {
        return Math.max(1, Math.round(seconds.orElse(0) * generation.fps()));
    }

    /** How many new frames the result has at most. */
    long mostFrames() {
        return seconds.isPresent() && !loop ? wantedFrames() : Long.MAX_VALUE;
    }

    /** Sets options one by one; see the record for their meaning, ranges and defaults. */
    public static final class Builder {
        private final TextToVideoOptions generation;
        private Optional<PromptSchedule> prompts = Optional.empty();
        private int clips = 2;
        private OptionalDouble seconds = OptionalDouble.empty();
        private ReuseOptions reuse = ReuseOptions.preset("seamless");
        private NoisePrior prior = NoisePrior.INDEPENDENT;
        private Join join = Join.CONCAT;
        private boolean loop;
        private Optional<Path> extend = Optional.empty();
        private boolean temporalDecode = true;
        private boolean keepClips;

        private Builder(TextToVideoOptions generation) {
            this.generation = generation;
        }

        public Builder prompts(PromptSchedule schedule) {
            prompts = Optional.of(schedule);
            return this;
        }

        public Builder clips(int count) {
            clips = count;
            return this;
        }

        public Builder seconds(double length) {
            seconds = OptionalDouble.of(length);
            return this;
        }

        public Builder reuse(ReuseOptions options) {
            reuse = options;
            return this;
        }

        public Builder prior(NoisePrior noise) {
            prior = noise;
            return this;
        }

        public Builder join(Join kind) {
            join = kind;
            return this;
        }

        public Builder loop(boolean on) {
            loop = on;
            return this;
        }

        public Builder extend(Path file) {
            extend = Optional.of(file);
            return this;
        }

        public Builder temporalDecode(boolean on) {
            temporalDecode = on;
            return this;
        }

        public Builder keepClips(boolean on) {
            keepClips = on;
            return this;
        }

        /** @throws ZoetropeException BAD_INPUT naming the option that cannot be */
        public LongVideoOptions build() {
            PromptSchedule schedule = prompts.orElseGet(
                    () -> PromptSchedule.of(generation.prompts().get(0)));
            return new LongVideoOptions(
                    generation, schedule, clips, seconds, reuse, prior, join, loop, extend, temporalDecode, keepClips);
        }
    }
}
