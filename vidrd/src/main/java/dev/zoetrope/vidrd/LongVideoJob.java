package dev.zoetrope.vidrd;

import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.tensor.Sha256;

/** What a long video is made from, as a SHA-256: what has the same is the same video. Memory options do not count. */
final class LongVideoJob {
    private LongVideoJob() {}

    /** Of the clips: how many, and how they are joined, does not matter, unless the last one closes a loop. */
    static String ofClips(VideoModel model, LongVideoOptions options) {
        return Sha256.of(clips(model, options));
    }

    /** Of the whole video. */
    static String ofVideo(VideoModel model, LongVideoOptions options) {
        return Sha256.of(
                clips(model, options) + "\n" + options.clips() + "\n" + options.seconds() + "\n" + options.join());
    }

    private static String clips(VideoModel model, LongVideoOptions options) {
        StringBuilder text = new StringBuilder();
        text.append(model.hash()).append('\n');
        text.append(model.schedulerJson()).append('\n');
        text.append(options.generation().withoutMemoryChoices()).append('\n');
        text.append(options.prompts()).append('\n');
        text.append(options.reuse()).append('\n');
        text.append(options.prior()).append('\n');
        text.append(options.temporalDecode()).append('\n');
        if (options.loop()) {
            text.append("loop ")
                    .append(options.clips())
                    .append(options.seconds())
                    .append('\n');
        }
        options.extend().ifPresent(file -> text.append("extend ").append(Sha256.of(file)));
        return text.toString();
    }
}
