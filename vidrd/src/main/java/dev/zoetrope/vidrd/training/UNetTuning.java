package dev.zoetrope.vidrd.training;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zoetrope.data.ClipSource;
import dev.zoetrope.data.Split;
import dev.zoetrope.diffusion.config.ConfigRecords;
import dev.zoetrope.diffusion.model.TextToVideo;
import dev.zoetrope.diffusion.model.VideoModel;
import dev.zoetrope.diffusion.scheduler.Scheduler;
import dev.zoetrope.diffusion.training.LatentCache;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.diffusion.unet.UNetConfig;
import dev.zoetrope.train.ProgressListener;
import dev.zoetrope.train.Trainer;
import dev.zoetrope.vidrd.model.TemporalLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Trains VidRD's U-Net on the parts of a small text-to-video model: first an image U-Net of the same widths on single
 * frames, then its inflated twin on clips, with everything but temporal layers and transformers frozen.
 */
public final class UNetTuning implements AutoCloseable {
    /** Of clips made to order; of a set, all are encoded. */
    private static final int CLIPS = 512;

    private final TuningOptions options;
    private final VideoModel model;
    private final Scheduler scheduler;
    private final LatentCache cache;
    private final ObjectNode imageJson;
    private final UNet image;
    private final UNet inflated;

    /**
     * Encodes the training clips.
     *
     * @param model not closed here
     * @param clips how many clips are encoded and trained on, if they are made to order; of a set, each clip once
     */
    public UNetTuning(TuningOptions options, VideoModel model, int clips) {
        this.options = options;
        this.model = model;
        this.scheduler = model.scheduler(Optional.empty());
        TuningClips data = TuningClips.open(model, options);
        this.cache = encode(model, data.source(), data.size().orElse(clips));
        this.imageJson = imageJson(options);
        this.image = new UNet(UNetConfig.parse(imageJson));
        this.inflated = new UNet(UNetConfig.parse(inflatedJson()));
        image.initialise(options.seed());
    }

    /** Encoded clips of a split, made to order in the model's size. */
    public static LatentCache encode(VideoModel model, TuningOptions options, Split split, int count) {
        return encode(model, TuningClips.made(model, options, split), count);
    }

    private static LatentCache encode(VideoModel model, ClipSource<?> clips, int count) {
        return LatentCache.encode(
                model.autoencoder(), clips, count, model.autoencoderConfig().scalingFactor());
    }

    /** The 2-D U-Net with the widths of the model's own. */
    private static ObjectNode imageJson(TuningOptions options) {
        ObjectNode json =
                ConfigRecords.readObject(options.model().resolve("unet").resolve("config.json"));
        UNetConfig own = UNetConfig.parse(json);
        json.put("_class_name", UNetConfig.Family.IMAGE.className());
        json.put("use_linear_projection", true);
        ArrayNode heads = json.putArray("attention_head_dim");
        own.heads().forEach(heads::add);
        for (String field : List.of("down_block_types", "up_block_types")) {
            ArrayNode types = json.arrayNode();
            json.path(field).forEach(type -> types.add(type.asText().replaceFirst("3D$", "2D")));
            json.set(field, types);
        }
        return json;
    }

    /** Trains the image U-Net on single frames. */
    public void trainImage(long steps, ProgressListener listener) {
        Trainer.run(objective(image, FreezePolicy.NONE, true), options.training("image", steps, 1e-3), listener);
    }

    /** Gives the image U-Net's weights to its inflated twin. */
    public void inflate() {
        Inflation.inflate(image, inflated, options.seed() + 1);
    }

    /** Trains the inflated U-Net on clips, under the freeze policy. */
    public void trainClips(long steps, ProgressListener listener) {
        Trainer.run(objective(inflated, FreezePolicy.UNET, false), options.training("clips", steps, 1e-3), listener);
    }

    /** The loss of a U-Net on the training clips. */
    public ClipDenoisingObjective objective(UNet unet, FreezePolicy policy, boolean stills) {
        return new ClipDenoisingObjective(
                unet, policy, new TextToVideo(model), scheduler, cache, stills, options.recompute());
    }

    /** The image U-Net. */
    public UNet image() {
        return image;
    }

    /** The inflated U-Net; without values before {@link #inflate}. */
    public UNet inflated() {
        return inflated;
    }

    ObjectNode inflatedJson() {
        return new TemporalLayout(model.unetConfig().normGroups(), true, false)
                .unet(imageJson, imageJson.path("sample_size").asInt());
    }

    /**
     * Runs or continues a training: half as many steps for the image U-Net as for the clips.
     *
     * @return the model folder
     */
    public static Path run(TuningOptions options, ProgressListener listener) {
        try (VideoModel model = VideoModel.open(options.model());
                UNetTuning tuning = new UNetTuning(options, model, CLIPS)) {
            tuning.trainImage(Math.max(1, options.steps() / 2), listener);
            tuning.inflate();
            tuning.trainClips(options.steps(), listener);
            TunedModel result = new TunedModel(options.model(), options.output().resolve("model"));
            result.write("unet", tuning.inflatedJson(), tuning.inflated());
            return result.finish("unet");
        }
    }

    @Override
    public void close() {
        cache.close();
        image.close();
        inflated.close();
    }
}
