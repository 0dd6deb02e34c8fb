package dev.fedtiny.method;

import dev.fedtiny.pruning.AdjustmentSchedule;
import dev.fedtiny.pruning.Granularity;
import dev.fedtiny.pruning.Order;
import dev.fedtiny.settings.Numbers;
import dev.fedtiny.settings.SettingSpec;
import java.util.Optional;

/** Settings of all methods that adjust masks on a schedule. */
public final class AdjustmentSettings {
    /** ΔR. */
    public static final SettingSpec<Integer> EVERY = SettingSpec.whole("adjust-every", "0",
            "rounds between adjustments, and before the first; 0: a thirtieth of the rounds, layer by layer a quarter of that",
            new Numbers.Whole(0, Numbers.MOST_WHOLE, "rounds")).inDemo("2");
    /** R_stop. */
    public static final SettingSpec<Integer> UNTIL = SettingSpec.whole("adjust-until", "0",
            "last round that may adjust, rounds counted from 1; 0: a third of the rounds",
            new Numbers.Whole(0, Numbers.MOST_WHOLE, "rounds")).inDemo("9");
    /** Which layers one adjustment touches. */
    public static final SettingSpec<Granularity> GRANULARITY = SettingSpec.choice("granularity", "block",
            "what one adjustment touches: layer, block or entire", Granularity.class);
    /** Where adjustments begin. */
    public static final SettingSpec<Order> ORDER = SettingSpec.choice("order", "backward",
            "where adjustments begin: backward (output) or forward (input)", Order.class);
    /** Whether there are any. */
    public static final SettingSpec<Boolean> PROGRESSIVE = SettingSpec.bool("progressive", "true",
            "whether masks are adjusted during training: true or false");

    /** s. */
    public static final SettingSpec<Double> SHARE = SettingSpec.decimal("adjust-share", "0.3",
            "share of a layer's active weights that an adjustment exchanges at first, falling along half a cosine to 0 at adjust-until; "
            + "FedTiny's paper: 0.3, its authors' first code: 0.1", new Numbers.Decimal(0, false, 1, "share"));
    /** Where growth gradients come from. */
    public static final SettingSpec<Integer> GROWTH_BATCH = SettingSpec.whole("growth-batch", "0",
            "images whose mean gradient says what grows, in a pass of their own after local training (the paper's authors: 64); 0: those "
            + "of the last full-size batch, in the pass that trains on it", new Numbers.Whole(0, Numbers.MOST_WHOLE, "images"));

    private AdjustmentSettings() {
    }

    /**
     * When masks are adjusted, if they are.
     *
     * @param settings what the user said
     * @return the schedule; empty where masks stay
     * @throws IllegalArgumentException if adjustments are wanted and no round would adjust
     */
    public static Optional<AdjustmentSchedule> schedule(MethodSettings settings) {
        return schedule(settings, settings.get(GRANULARITY), settings.get(ORDER));
    }

    /**
     * When masks are adjusted by a method that has neither {@link #GRANULARITY} nor {@link #ORDER}.
     *
     * @param settings what the user said, of which these two change nothing
     * @return the schedule; empty where masks stay
     * @throws IllegalArgumentException if adjustments are wanted and no round would adjust
     */
    static Optional<AdjustmentSchedule> withoutParts(MethodSettings settings) {
        return schedule(settings, Granularity.BLOCK, Order.BACKWARD);
    }

    private static Optional<AdjustmentSchedule> schedule(MethodSettings settings, Granularity granularity, Order order) {
        if (!settings.get(PROGRESSIVE)) {
            return Optional.empty();
        }
        int every = settings.get(EVERY);
        int until = settings.get(UNTIL);
        int interval = every == 0 ? AdjustmentSchedule.usualInterval(settings.rounds(), granularity) : every;
        int end = until == 0 ? AdjustmentSchedule.usualUntil(settings.rounds(),
                AdjustmentSchedule.usualInterval(settings.rounds())) : until;
        if (end <= interval) {
            throw new IllegalArgumentException("adjust-until = " + end + " is not after adjust-every = " + interval
                    + ": no round would adjust, since the first that could is round " + (interval + 1L)
                    + "; use a larger adjust-until, or progressive = false");
        }
        return Optional.of(new AdjustmentSchedule(interval, end, granularity, order, settings.get(SHARE)));
    }
}
