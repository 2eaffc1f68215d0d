package dev.zoetrope.vidrd;

import dev.zoetrope.diffusion.autoencoder.FrameEncoder;
import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.TextToVideoSettings;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.sampling.GuidedDenoiser;
import dev.zoetrope.diffusion.sampling.LatentSource;
import dev.zoetrope.diffusion.sampling.Sampler;
import dev.zoetrope.diffusion.sampling.StepHook;
import dev.zoetrope.diffusion.scheduler.DdimInverseScheduler;
import dev.zoetrope.diffusion.scheduler.DdimScheduler;
import dev.zoetrope.diffusion.scheduler.Guidance;
import dev.zoetrope.diffusion.scheduler.NoiseSource;
import dev.zoetrope.diffusion.scheduler.SamplerPlan;
import dev.zoetrope.media.Clip;
import dev.zoetrope.media.Frame;
import dev.zoetrope.media.Resize;
import dev.zoetrope.media.VideoReader;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.Tensors;
import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * A video file that is continued: its frames in the size of the clips, and what the next clip takes over, found by DDIM
 * inversion of its last N frames (arXiv:2010.02502, section 4.3) under the prompt, without guidance.
 */
final class VideoTail {
    private final Path file;
    private final TextToVideoSettings settings;

    /** @throws ZoetropeException BAD_INPUT if the sampler cannot be inverted */
    VideoTail(Path file, TextToVideoSettings settings) {
        this.file = file;
        this.settings = settings;
        if (!(settings.scheduler() instanceof DdimScheduler)) {
            throw ZoetropeException.badInput(
                    "extending %s inverts its last frames, which needs the scheduler ddim; choose it", file);
        }
    }

    Path file() {
        return file;
    }

    /** All frames, read as they are asked for, resized. The reader is the caller's to close. */
    Iterable<Frame> frames(VideoReader reader) {
        Iterator<Frame> source = reader.iterator();
        return () -> new Iterator<>() {
            @Override
            public boolean hasNext() {
                return source.hasNext();
            }

            @Override
            public Frame next() {
                return Resize.cover(source.next(), settings.width(), settings.height());
            }
        };
    }

    /** @throws ZoetropeException BAD_INPUT if the file has fewer frames than a clip */
    private List<Frame> last() {
        Deque<Frame> last = new ArrayDeque<>();
        try (VideoReader reader = VideoReader.open(file)) {
            for (Frame frame : frames(reader)) {
                last.add(frame);
                if (last.size() > settings.frames()) {
                    last.remove();
                }
            }
        }
        if (last.size() < settings.frames()) {
            throw ZoetropeException.badInput(
                    "%s has %d frames, but a clip has %d and all of them are needed; make clips of at most %d frames",
                    file, last.size(), settings.frames(), last.size());
        }
        return new ArrayList<>(last);
    }

    /** Encodes and inverts; the edge is the caller's to close. */
    ClipEdge invert(VideoModel model, LongVideoOptions options, List<StepHook> hooks) {
        InvertedEdge edge =
                new InvertedEdge(options.reuse(), options.generation().steps());
        List<StepHook> all = new ArrayList<>(hooks);
        all.add(edge);
        try (Scope scope = Scope.noGrad();
                Clip clip = Clip.of(last(), options.generation().fps());
                SamplerPlan plan = new DdimInverseScheduler(settings.scheduler().config())
                        .plan(options.generation().steps())) {
            Tensor latents =
                    new FrameEncoder(model.autoencoder(), options.generation().tiledDecode()).encode(clip);
            GuidedDenoiser denoiser = new GuidedDenoiser(
                    model.denoiser(),
                    new TextToVideo(model)
                            .encode(
                                    List.of(options.prompts().prompt(0)),
                                    options.generation().clipSkip()),
                    Optional.empty(),
                    Guidance.of(1),
                    false);
            new Sampler(denoiser)
                    .run(plan, LatentSource.given(latents), NoiseSource.none(), all, Tensors.shape(latents));
            return edge.finish();
        } catch (RuntimeException e) {
            edge.discard();
            throw e;
        }
    }
}
