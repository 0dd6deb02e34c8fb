package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.tensor.Conv2dGeometry;

/**
 * What a step's passes amount to, for a meter: multiply-adds, and traffic by the model stated at {@link PassKind}. Scratch and gradients
 * are 4 bytes a value, stored maps what they are stored in.
 */
final class StepWork {
    private StepWork() {
    }

    /**
     * Counts a pass of a step with weights.
     *
     * @param times how often scratch and weights are walked
     */
    static void weighted(WeightedStep step, Meter meter, PassKind kind, int times) {
        int images = step.pass.count();
        int groups = step.pass.groups();
        long kept = step.pack.firstKept(step.rows());
        long size = step.layout.geometry().weights();
        long macs = (long) step.positions() * images;
        long pixels = 8L * step.layout.geometry().outputHeight() * step.layout.geometry().outputWidth();
        long input = 4L * step.inputPlacement.channel() * step.channelsRead();
        long gradient = 4L * step.gradientPlacement.channel() * step.gradientChannels();
        long output = 4L * step.output.groupFloats * groups;
        switch (kind) {
            case FORWARD -> meter.count(kind, kept * macs, step.pack.forwardPairs() * pixels * times, size * macs,
                    times * (input + walk(step, kept, size) + transforms(step)) + output);
            case BACKWARD_DATA -> {
                if (step.feedsBack()) {
                    meter.count(kind, kept * macs, 8 * step.pack.backwardProducts() * times, size * macs,
                            times * (gradient + walk(step, kept, size) + transforms(step))
                            + (step.begins ? 1 : 2) * 4L * step.input.map.groupFloats * groups);
                }
            }
            case BACKWARD_WEIGHT -> {
                boolean whole = step.whole();
                long sums = whole ? 4 * size : 64 * kept * times + 4 * kept;
                meter.count(kind, kept * macs, (whole ? step.gradientPairs() : kept) * pixels * times, size * macs,
                        times * (input + gradient) + sums);
            }
            case GROWTH -> {
                meter.count(kind, size * macs, step.gradientPairs() * pixels * times, size * macs, times * (input + gradient) + 4 * size);
                meter.count(PassKind.TOP_K, 0, 0, 0, 4 * size);
            }
            case REFRESH -> meter.count(kind, 0, 0, 0, refresh(step, kept, size));
            default -> meter.count(kind, 0, 0, 0, maps(step, kind, groups, times));
        }
    }

    /** Counts a pass of a step without weights, which is more than one thing at once. */
    static void plain(PlainStep step, Meter meter, PassKind kind, int groups) {
        long value = maps(step, PassKind.VALUE, groups, groups);
        long scratch = 4L * step.inputPlacement.floats() * groups;
        long output = 4L * step.output.groupFloats * groups;
        meter.count(kind, 0, 0, 0, kind == PassKind.FORWARD
                ? value + scratch + output + maps(step, PassKind.STATISTICS, groups, groups)
                : value + scratch + maps(step, PassKind.OUTPUT_GRADIENT, groups, groups) + output
                + (step.begins ? 1 : 2) * 4L * step.input.map.groupFloats * groups
                + maps(step, PassKind.INPUT_GRADIENT, groups, groups));
    }

    /** Bytes of passes that only walk maps. */
    private static long maps(Step step, PassKind kind, int groups, int times) {
        long output = 4L * step.output.groupFloats * groups;
        long stored = step.output.groupBytes() * groups;
        return switch (kind) {
            case VALUE -> {
                long bytes = 4L * step.inputPlacement.channel() * times;
                for (FusedInput part = step.input; part != null; part = part.prefix) {
                    bytes += part.map.groupBytes() / part.map.shape.channels() * groups;
                }
                yield bytes * step.valueChannels() + 4L * step.keptFloats() * times;
            }
            case OUTPUT_GRADIENT -> (4L * step.gradientPlacement.channel() * times
                    + (output + (step.output.value.norm == null ? 0 : stored)) / step.output.shape.channels()) * step.gradientChannels();
            case INPUT_GRADIENT -> step.feedsBack() && step.finishes()
                    ? (masking(step) + closing(step.input, step.index)) * groups : 0;
            // What is rounded is read for it, moments or not.
            case STATISTICS -> step.output.half != null ? output + stored : step.wantsMoments() ? output : 0;
            default -> 0;
        };
    }

    /** Bytes of ReLU's mask on the input's gradient, for one group. */
    private static long masking(Step step) {
        return !step.input.relu ? 0 : step.inputPlacement.holdsAll() ? 3L * 4 * step.input.map.groupFloats : masking(step.input);
    }

    /** The same where the value is computed anew for it: its maps read, the value written and read, the gradient read and written. */
    private static long masking(FusedInput value) {
        long bytes = 4L * 4 * value.map.groupFloats;
        for (FusedInput part = value; part != null; part = part.prefix) {
            bytes += part.map.groupBytes();
        }
        return bytes;
    }

    /** Bytes of sums over a complete gradient and of its way to the shortcut, for one group. */
    private static long closing(FusedInput value, int index) {
        long map = 4L * value.map.groupFloats;
        long bytes = value.norm == null ? 0 : map + value.map.groupBytes();
        FusedInput prefix = value.prefix;
        if (prefix == null || !prefix.needsGradient()) {
            return bytes;
        }
        bytes += prefix.link == FusedInput.Link.COPIED ? 2 * map : prefix.link == FusedInput.Link.ADDED ? 3 * map : 0;
        if (prefix.finish == index && prefix.lastIsLink) {
            bytes += (prefix.relu ? masking(prefix) : 0) + closing(prefix, index);
        }
        return bytes;
    }

    /** Bytes of all weights, as a kernel walks them. */
    private static long walk(WeightedStep step, long kept, long size) {
        return switch (step.algorithm) {
            case DENSE -> 4 * size;
            case WINOGRAD -> 4 * transformed(size);
            case CSR -> 8 * kept;
            case BITMASK -> 4 * kept + size / 8;
        };
    }

    private static long refresh(WeightedStep step, long kept, long size) {
        boolean transposed = step.pass.mode == Mode.TRAINING && step.feedsBack();
        return switch (step.algorithm) {
            case DENSE -> 8 * kept + (transposed ? 8 * size : 0);
            case WINOGRAD -> 4 * kept + 4 * transformed(size) + (transposed ? 8 * transformed(size) : 0);
            case CSR, BITMASK -> transposed ? 12 * kept : 0;
        };
    }

    /** Values of all filters of {@code size} taps after Winograd's transform: 16 in place of nine. */
    private static long transformed(long size) {
        return size / 9 * 16;
    }

    /** Bytes that transformed inputs and sums of a pass move: 16 values a tile of four pixels, written and read. */
    private static long transforms(WeightedStep step) {
        Conv2dGeometry geometry = step.layout.geometry();
        return step.algorithm != ConvolutionAlgorithm.WINOGRAD ? 0
                : 2L * 4 * 8 * 4 * geometry.output().pixels() * (geometry.input().channels() + geometry.outputChannels());
    }
}
