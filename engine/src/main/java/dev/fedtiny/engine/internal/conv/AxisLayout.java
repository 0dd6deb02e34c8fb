package dev.fedtiny.engine.internal.conv;

import dev.fedtiny.engine.tensor.Conv2dGeometry;

/**
 * Half of a {@link ScratchLayout}: how the pixels along one axis are split into phases, and how far backward taps reach over the edges.
 *
 * <p>Padded pixel u = input pixel + zeros before is output·stride + tap·dilation for the taps that read it. It lies in phase u mod stride
 * at place u / stride, so that tap r of output p reads phase (r·dilation) mod stride at p + (r·dilation) / stride: a fixed distance from p.
 * Only phases that some tap reads exist.
 */
final class AxisLayout {
    private final Conv2dGeometry.Axis axis;
    private final int phases;
    private final int extent;
    private final int low;
    private final int gradientExtent;

    /**
     * The layout of an axis.
     *
     * @param leastExtent pixels that a phase, and the output's gradient with its zeros, have room for at least
     * @param backwardData whether the gradient of the input is wanted, for which the output's gradient has zeros around it
     */
    AxisLayout(Conv2dGeometry.Axis axis, int leastExtent, boolean backwardData) {
        this.axis = axis;
        // From there on remainders repeat. A file may stride as far as it likes, so nothing goes through all that are possible.
        phases = Math.min(axis.kernel(), axis.stride() / greatestCommonDivisor(axis.stride(), axis.dilation()));
        extent = Math.max(leastExtent, axis.outputs() + (axis.window() - 1) / axis.stride());
        int before = 0;
        int after = 0;
        for (int tap = 0; backwardData && tap < axis.kernel(); tap++) {
            int phase = Math.floorMod(tap * axis.dilation() - axis.before(), axis.stride());
            if (phase < backwardPhases()) {
                int distance = distance(phase, tap);
                before = Math.max(before, -distance);
                after = Math.max(after, pixels(phase) - 1 + distance - (axis.outputs() - 1));
            }
        }
        low = before;
        gradientExtent = Math.clamp((long) before + axis.outputs() + after, leastExtent, Integer.MAX_VALUE);
    }

    private static int greatestCommonDivisor(int a, int b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }

    private int remainder(int tap) {
        return Math.floorMod(tap * axis.dilation(), axis.stride());
    }

    /** Phases the input is split into, by rising remainder. */
    int phases() {
        return phases;
    }

    /** Padded pixels of phase i are ≡ this (mod stride). */
    int remainderOf(int phase) {
        int tap = 0;
        while (phaseOf(tap) != phase) {
            tap++;
        }
        return remainder(tap);
    }

    /** The phase that a tap reads. */
    int phaseOf(int tap) {
        int smaller = 0;
        for (int other = 0; other < phases; other++) {
            smaller += remainder(other) < remainder(tap) ? 1 : 0;
        }
        return smaller;
    }

    /** Where in its phase a tap reads for the first output. */
    int shift(int tap) {
        return tap * axis.dilation() / axis.stride();
    }

    /** Whether a tap reads a pixel of a phase for some output. */
    boolean isRead(int phase, int pixel) {
        for (int tap = 0; tap < axis.kernel(); tap++) {
            if (phaseOf(tap) == phase && pixel >= shift(tap) && pixel < shift(tap) + axis.outputs()) {
                return true;
            }
        }
        return false;
    }

    /** Pixels of a phase. */
    int extent() {
        return extent;
    }

    /** The first input pixel of a phase, if there is one. */
    int first(int phase) {
        return Math.floorMod(remainderOf(phase) - axis.before(), axis.stride());
    }

    /** Zeros before it. */
    int zeros(int phase) {
        return (first(phase) + axis.before()) / axis.stride();
    }

    /** Input pixels that have a place in a phase. */
    int count(int phase) {
        return Math.clamp(extent - zeros(phase), 0, Math.max(0, pixels(first(phase))));
    }

    /** Whether every input pixel has a place. */
    boolean holdsAll() {
        return phases == axis.stride() && (axis.input() - 1 + axis.before()) / axis.stride() < extent;
    }

    /** Whether every input pixel in one of the phases has a place: none lies behind the last window. */
    boolean holdsPhases() {
        for (int phase = 0; phase < phases; phase++) {
            if (zeros(phase) + pixels(first(phase)) > extent) {
                return false;
            }
        }
        return true;
    }

    /** Phases of the input's gradient: input pixels ≡ phase (mod stride). */
    int backwardPhases() {
        return Math.min(axis.stride(), axis.input());
    }

    /** Whether a tap connects input pixels ≡ phase (mod stride) to some output. */
    boolean reads(int phase, int tap) {
        return Math.floorMod(phase + axis.before() - tap * axis.dilation(), axis.stride()) == 0;
    }

    /** p − i for input pixel stride·i + phase and output p connected by a tap. */
    int distance(int phase, int tap) {
        return Math.floorDiv(phase + axis.before() - tap * axis.dilation(), axis.stride());
    }

    /** Input pixels ≡ phase (mod stride). */
    int pixels(int phase) {
        return Math.ceilDiv(axis.input() - phase, axis.stride());
    }

    /** Zeros that the output's gradient has before its first pixel. */
    int low() {
        return low;
    }

    /** The output's gradient with zeros before and behind. */
    int gradientExtent() {
        return gradientExtent;
    }
}
