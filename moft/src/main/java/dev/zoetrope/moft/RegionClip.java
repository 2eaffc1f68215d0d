package dev.zoetrope.moft;

/** What several regions may change on the clipped frames. */
public enum RegionClip {
    /**
     * Each region's gradient is kept inside that region, for one gradient more a region. The network sees far, so much of a
     * region's gradient is outside of it, and of regions told opposite ways each undoes half of the other's motion (AE-7).
     */
    OWN,
    /** The sum of all gradients is kept inside any of the regions, as the release does. */
    UNION
}
