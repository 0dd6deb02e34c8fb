package dev.fedtiny.engine.internal.kernel;

import static dev.fedtiny.engine.internal.kernel.FusedMultiply.multiplyAdd;

/**
 * What becomes of a map's values channel by channel before somebody reads them: {@code [clamp] (scale·x + shift)}, which is what
 * normalisation and bounds are in inference. A number that is none stays so. Vector kernels read factors and bounds from here where they
 * need them: C2 keeps a broadcast from memory in a register, and repeats that of a parameter in every turn of a loop.
 */
public final class ChannelFunction {
    /** What added to any float leaves it as it is, −0 included: 1·x + NOTHING is x. */
    private static final float[] NOTHING = {-0.0f};
    private static final float[] UNIT = {1};
    /** Values stay as they are. */
    public static final ChannelFunction IDENTITY = new ChannelFunction(null, null, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);

    /** Null where all channels are alike, as {@link #shifts} then. */
    private final float[] scales;
    private final float[] shifts;
    private final float lower;
    private final float upper;

    /**
     * Normalises and clamps.
     *
     * @param scales a factor a channel, the live array; null where nothing is normalised, as {@code shifts}, a summand a channel, then
     * @param lower lower bound, −∞ for none; {@code upper}: upper bound, ∞ for none
     */
    public ChannelFunction(float[] scales, float[] shifts, float lower, float upper) {
        this.scales = scales;
        this.shifts = shifts;
        this.lower = lower;
        this.upper = upper;
    }

    /** Whether values stay as they are. */
    public boolean isIdentity() {
        return scales == null && lower == Float.NEGATIVE_INFINITY && upper == Float.POSITIVE_INFINITY;
    }

    /** Factors; a channel's stands at its {@link #place}. */
    public float[] scales() {
        return scales == null ? UNIT : scales;
    }

    /** Summands; a channel's stands at its {@link #place}. */
    public float[] shifts() {
        return shifts == null ? NOTHING : shifts;
    }

    /** Lower bound, −∞ for none. */
    public float lower() {
        return lower;
    }

    /** Upper bound, ∞ for none. */
    public float upper() {
        return upper;
    }

    /** Where a channel's factor and summand stand. */
    public int place(int channel) {
        return scales == null ? 0 : channel;
    }

    /** The function of one value. */
    public float of(int channel, float x) {
        float v = multiplyAdd(scales()[place(channel)], x, shifts()[place(channel)]);
        return v < lower ? lower : v > upper ? upper : v;
    }
}
