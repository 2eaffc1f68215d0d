package dev.zoetrope.metrics.video;

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
    /** PSNR of videos with the same file name. */
    PSNR(Kind.PAIRS, ""),
    /** SSIM of videos with the same file name. */
    SSIM(Kind.PAIRS, ""),
    /** MS-SSIM of videos with the same file name. */
    MS_SSIM(Kind.PAIRS, ""),
    /** LPIPS of videos with the same file name. */
    LPIPS(Kind.PAIRS, "torchvision's weights of the trunk, and the linear heads of version 0.1");

    enum Kind {
        /** Each folder as a distribution, from one window of each video. */
        SETS,
        /** Each video of the second folder beside the one of the same name in the first, all frames. */
        PAIRS
    }

    private final Kind kind;
    private final String needs;

    Measure(Kind kind, String needs) {
        this.kind = kind;
        this.needs = needs;
    }

    boolean pairs() {
        return kind == Kind.PAIRS;
    }

    /** The file that the user must give, in words; empty if none. */
    public String needs() {
        return needs;
    }

    /** The name on a command line: {@code ms-ssim}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
