package dev.fedtiny.benchmarks.profile;

/**
 * One figure of the meter beside what somebody else says.
 *
 * @param figure what is compared
 * @param measured by the meter
 * @param observer who else was asked
 * @param observed what that one says
 * @param least smallest measured / observed that counts as agreement
 * @param most largest
 */
public record Agreement(String figure, double measured, String observer, double observed, double least, double most) {
    /** measured / observed; 1 where both are 0. */
    public double ratio() {
        return measured == observed ? 1 : measured / observed;
    }

    /** Whether both agree. */
    public boolean holds() {
        return ratio() >= least && ratio() <= most;
    }
}
