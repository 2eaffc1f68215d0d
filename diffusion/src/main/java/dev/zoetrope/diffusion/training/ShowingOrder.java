package dev.zoetrope.diffusion.training;

/** In which order a video U-Net sees its training clips; see {@link DenoiserObjective} for why it matters. */
public enum ShowingOrder {
    /** Single frames only in the first quarter; for a new U-Net. */
    STILLS_FIRST(0.25, 0, 2.5),

    /** Objects that go right or down at first, at much noise; all motions from the middle on. Teaches directions. */
    ONE_WAY_FIRST(0, 0.5, 2.5),

    /** Everything from the first step, at less noise than the others: for a model that only lacks polish. */
    MIXED(0, 0, 1.5);

    private final double stillsShare;
    private final double oneWayShare;
    private final double timestepShift;

    ShowingOrder(double stillsShare, double oneWayShare, double timestepShift) {
        this.stillsShare = stillsShare;
        this.oneWayShare = oneWayShare;
        this.timestepShift = timestepShift;
    }

    /** This order spread over a run. */
    Schedule over(long steps) {
        return new Schedule((long) (stillsShare * steps), (long) (oneWayShare * steps), timestepShift);
    }

    /**
     * What is shown when.
     *
     * @param stillsUntil step until which single frames only are shown
     * @param oneWayUntil step from which all motions are equally frequent
     * @param usualShift towards high noise, while all motions are equally frequent (Esser et al., equation 23)
     */
    record Schedule(long stillsUntil, long oneWayUntil, double usualShift) {
        private static final double FIRST_SHARE = 0.1;
        private static final double ONE_WAY_SHIFT = 6;
        private static final int STILLS_EVERY = 4;

        boolean showsStills(long step) {
            return step < stillsUntil || step % STILLS_EVERY == 0;
        }

        /** How often objects that go neither right nor down are kept: a tenth at first, from 0.3 of the way on more. */
        double shareOfOtherWays(long step) {
            if (showsStills(step)) {
                return 1;
            }
            double done = oneWayUntil == 0 ? 1 : Math.min(1, (double) step / oneWayUntil);
            return Math.max(FIRST_SHARE, FIRST_SHARE + (1 - FIRST_SHARE) * (done - 0.3) / 0.7);
        }

        double timestepShift(long step) {
            return shareOfOtherWays(step) < 1 ? ONE_WAY_SHIFT : usualShift;
        }
    }
}
