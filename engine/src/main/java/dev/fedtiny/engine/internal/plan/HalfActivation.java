package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.tensor.Layout;

/**
 * A stored map in half precision, laid out as in single precision. Groups are rounded when they are saved and widened a channel at a time
 * when they are read, into a piece of scratch that belongs to the calling thread and stays in its cache. A channel of a group whose largest
 * magnitude half precision has no number for is divided by the smallest power of two that brings it into range, and multiplied again when
 * it is read: so the range is that of single precision, at the eleven bits of half precision. NaN and infinity stay what they are.
 */
final class HalfActivation {
    /** From here on single precision is rounded to infinity: half way between 65,504, the largest number, and 2^16. */
    static final float ROUNDED_AWAY = 65_520;
    /** Exponent of the largest number. */
    private static final int LARGEST_EXPONENT = 15;
    /** The largest power that leaves what is multiplied again within single precision. */
    private static final int LARGEST_POWER = Float.MAX_EXPONENT - LARGEST_EXPONENT;
    private static final float LARGEST = 65_504;
    /** Bits of infinity, which NaN has too. */
    private static final int INFINITY = 0x7C00;

    private final StoredActivation map;
    private final RunContext pass;
    private short[] data;
    /** [group][channel]: the power of two that the channel was divided by; 0 for all that half precision has numbers for. */
    private short[] exponents;

    HalfActivation(StoredActivation map, RunContext pass) {
        this.map = map;
        this.pass = pass;
    }

    private int channelFloats() {
        return map.tile.pixels() * Layout.LANES;
    }

    private long values() {
        return (long) pass.capacityGroups * map.groupFloats;
    }

    void reserve(Workspace workspace) {
        if (values() > Arrays32.limit()) {
            throw new IllegalArgumentException("session: a stored map would need " + values() + " values, more than a Java array holds; "
                    + "use a smaller batch");
        }
        workspace.needChannels(channelFloats());
    }

    void allocate() {
        data = new short[Math.toIntExact(values())];
        exponents = new short[exponentCount()];
    }

    private int exponentCount() {
        return pass.capacityGroups * map.shape.channels();
    }

    /** Bytes of the arrays that {@link #allocate} makes. */
    long bytes() {
        return 2 * (values() + exponentCount());
    }

    /** Rounds channels {@code [from, to)} of a group, whose first channel lies at {@code at}. */
    void save(float[] z, int at, int group, int from, int to) {
        int n = channelFloats();
        for (int c = from; c < to; c++) {
            int exponent = exponent(Step.ELEMENTWISE.largestMagnitude(z, at + c * n, n));
            exponents[group * map.shape.channels() + c] = (short) exponent;
            int out = group * map.groupFloats + c * n;
            if (exponent == 0) {
                narrow(z, at + c * n, data, out, n);
            } else {
                narrow(z, at + c * n, data, out, n, power(-exponent));
            }
        }
    }

    /** Widens a channel of a group and answers where it lies in {@link Workspace#channels}. */
    int widen(int group, int channel) {
        Workspace workspace = pass.workspace;
        int at = Arrays32.ORIGIN + pass.team.workers.current() * workspace.channelFloats();
        int exponent = exponents[group * map.shape.channels() + channel];
        int from = group * map.groupFloats + channel * channelFloats();
        if (exponent == 0) {
            widen(data, from, workspace.channels, at, channelFloats());
        } else {
            widen(data, from, workspace.channels, at, channelFloats(), power(exponent));
        }
        return at;
    }

    /** The array that {@link #widen} writes to. */
    float[] widened() {
        return pass.workspace.channels;
    }

    /** Whether a channel of a group holds something that is no number. */
    boolean holdsNonFinite(int group, int channel) {
        int from = group * map.groupFloats + channel * channelFloats();
        for (int i = from; i < from + channelFloats(); i++) {
            if ((data[i] & INFINITY) == INFINITY) {
                return true;
            }
        }
        return false;
    }

    /**
     * The smallest power of two that brings a magnitude, given by its bits, below {@link #ROUNDED_AWAY}; 0 for NaN and infinity, which
     * none brings there.
     */
    static int exponent(int magnitudeBits) {
        float magnitude = Float.intBitsToFloat(magnitudeBits);
        if (magnitude < ROUNDED_AWAY || !Float.isFinite(magnitude)) {
            return 0;
        }
        int exponent = Math.max(1, Math.getExponent(magnitude) - LARGEST_EXPONENT);
        return Math.min(LARGEST_POWER, magnitude * power(-exponent) < ROUNDED_AWAY ? exponent : exponent + 1);
    }

    /** 2 to a power that single precision has as a normal number. */
    private static float power(int exponent) {
        return Float.intBitsToFloat(exponent + Float.MAX_EXPONENT << Float.PRECISION - 1);
    }

    private static void narrow(float[] from, int at, short[] to, int out, int count) {
        for (int i = 0; i < count; i++) {
            to[out + i] = Float.floatToFloat16(from[at + i]);
        }
    }

    /** Of finite values; the last ones of single precision would be rounded up beyond it. */
    private static void narrow(float[] from, int at, short[] to, int out, int count, float factor) {
        for (int i = 0; i < count; i++) {
            to[out + i] = Float.floatToFloat16(Math.clamp(from[at + i] * factor, -LARGEST, LARGEST));
        }
    }

    private static void widen(short[] from, int at, float[] to, int out, int count) {
        for (int i = 0; i < count; i++) {
            to[out + i] = Float.float16ToFloat(from[at + i]);
        }
    }

    private static void widen(short[] from, int at, float[] to, int out, int count, float factor) {
        for (int i = 0; i < count; i++) {
            to[out + i] = Float.float16ToFloat(from[at + i]) * factor;
        }
    }
}
