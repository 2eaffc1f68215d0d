package dev.zoetrope.metrics.video;

import dev.zoetrope.tensor.ErrorCode;
import dev.zoetrope.tensor.ZoetropeException;
import java.util.Locale;

/** What two folders of videos can be compared by. */
public enum Measure {
    /** {@code pfvd-r3d} and its time-blind control {@code pfvd-r2d}: distances on fixed random features; no weights needed. */
    PROXY(Kind.SETS, ""),
    /** Fréchet video distance on I3D logits. */
    FVD(Kind.SETS, "the I3D weights, a state dict such as i3d_pretrained_400.pt"),
    /** Fréchet distance of single frames on Inception features; frames of one video are correlated. */
    FID(Kind.SETS, "the Inception weights, pt_inception-2015-12-05-6726825d.pth"),
    /** Kernel distance on the features of FID; keeps the features of all frames in memory. */
    KID(Kind.SETS, "the Inception weights, pt_inception-2015-12-05-6726825d.pth"),
    /** Inception score of the second folder from C3D logits. */
    IS(Kind.SETS, "the C3D weights of UCF-101, a state dict with its mean cube"),
    /** VBench's temporal flickering of each folder. */
    FLICKER(Kind.SETS, ""),
    /** Warping error of each folder along its own flow, by block matching. */
    WARP(Kind.SETS, ""),
    /** Mean speed of each folder and the distance of their distributions, by block matching. */
    MOTION(Kind.SETS, ""),
    /** Angle by which the motion of each folder turns and the distance of the distributions, by block matching. */
    TURN(Kind.SETS, ""),
    /** VBench's motion smoothness of each folder with motion-compensated means, by block matching. */
    SMOOTHNESS(Kind.SETS, ""),
    /** VBench's dynamic degree of each folder, by block matching: the share of videos that move. */
    DYNAMIC(Kind.SETS, ""),
    /** PSNR of videos with the same file name. */
    PSNR(Kind.PAIRS, ""),
    /** SSIM of videos with the same file name. */
    SSIM(Kind.PAIRS, ""),
    /** MS-SSIM of videos with the same file name. */
    MS_SSIM(Kind.PAIRS, ""),
    /** LPIPS of videos with the same file name. */
    LPIPS(Kind.PAIRS, "torchvision's weights of the trunk, and the linear heads of version 0.1"),
    /** Mean cosine of the prompt and each frame of the second folder. */
    CLIP_TEXT(Kind.EMBEDDINGS, Measure.CLIP),
    /** CLIPScore of the prompt and each frame of the second folder. */
    CLIP_SCORE(Kind.EMBEDDINGS, Measure.CLIP),
    /** Mean cosine of consecutive frames, of each folder. */
    CLIP_CONSISTENCY(Kind.EMBEDDINGS, Measure.CLIP),
    /** VBench's subject consistency with CLIP in the place of DINO, of each folder. */
    CLIP_SUBJECT_CONSISTENCY(Kind.EMBEDDINGS, Measure.CLIP);

    private static final String CLIP = "the folder of a CLIP model: config.json, model.safetensors, tokenizer files";

    enum Kind {
        /** Each folder as a distribution, from one window of each video. */
        SETS,
        /** Each video of the second folder beside the one of the same name in the first, all frames. */
        PAIRS,
        /** Each video by itself, all frames, on a model of pictures and texts. */
        EMBEDDINGS
    }

    private final Kind kind;
    private final String needs;

    Measure(Kind kind, String needs) {
        this.kind = kind;
        this.needs = needs;
    }

    Kind kind() {
        return kind;
    }

    /** Whether it needs {@link Embeddings}. */
    public boolean embeds() {
        return kind == Kind.EMBEDDINGS;
    }

    /** Whether it keeps statistics of the real videos that can be saved and used in their place. */
    boolean saves() {
        return kind == Kind.SETS && this != KID && this != IS;
    }

    /** Whether it must see the real videos themselves. */
    boolean needsRealVideos() {
        return this == KID || kind == Kind.PAIRS || kind == Kind.EMBEDDINGS && !prompted();
    }

    /** Whether it needs the prompt of each video of the second folder. */
    public boolean prompted() {
        return this == CLIP_TEXT || this == CLIP_SCORE;
    }

    /** What to throw if the file is not given. */
    public ZoetropeException unavailable() {
        return new ZoetropeException(
                ErrorCode.CHECKPOINT_MISMATCH,
                "%s is unavailable: needs %s; give it, or leave the measure out".formatted(label(), needs));
    }

    /** The file or folder that the user must give, in words; empty if none. */
    public String needs() {
        return needs;
    }

    /** The name on a command line: {@code ms-ssim}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
