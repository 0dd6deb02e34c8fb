package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.sparse.ComputeForm;
import dev.fedtiny.engine.tensor.Conv2dGeometry;

/**
 * What a stage's passes amount to, for a meter: multiply-adds, and traffic by the model stated at {@link PassKind}. Scratch and gradients
 * are 4 bytes a value, stored maps what they are stored in.
 */
final class StepWork {
    private StepWork() {
    }

    /**
     * Counts a pass of a stage with weights.
     *
     * @param times how often scratch and weights are walked
     */
    static void weighted(WeightedStep stage, Meter meter, PassKind kind, int times) {
        int images = stage.pass.count();
        int groups = stage.pass.groups();
        long kept = stage.pack.firstKept(stage.rows());
        long size = stage.layout.geometry().weights();
        long macs = (long) stage.positions() * images;
        long pixels = 8L * stage.layout.geometry().outputHeight() * stage.layout.geometry().outputWidth();
        long input = 4L * stage.inputPlacement.channel() * stage.channelsRead();
        long gradient = 4L * stage.gradientPlacement.channel() * stage.gradientChannels();
        long output = 4L * stage.output.groupFloats * groups;
        switch (kind) {
            case FORWARD -> meter.count(kind, kept * macs, stage.pack.forwardPairs() * pixels * times, size * macs,
                    times * (input + walk(stage, kept, size) + transforms(stage)) + output);
            case BACKWARD_DATA -> {
                if (stage.feedsBack()) {
                    meter.count(kind, kept * macs, 8 * stage.pack.backwardProducts() * times, size * macs,
                            times * (gradient + walk(stage, kept, size) + transforms(stage))
                            + (stage.begins ? 1 : 2) * 4L * stage.input.map.groupFloats * groups);
                }
            }
            case BACKWARD_WEIGHT -> {
                boolean whole = stage.whole();
                long sums = whole ? 4 * size : 64 * kept * times + 4 * kept;
                meter.count(kind, kept * macs, (whole ? stage.gradientPairs() : kept) * pixels * times, size * macs,
                        times * (input + gradient) + sums);
            }
            case GROWTH -> {
                meter.count(kind, size * macs, stage.gradientPairs() * pixels * times, size * macs, times * (input + gradient) + 4 * size);
                meter.count(PassKind.TOP_K, 0, 0, 0, 4 * size);
            }
            case REFRESH -> meter.count(kind, 0, 0, 0, refresh(stage, kept, size));
            default -> meter.count(kind, 0, 0, 0, maps(stage, kind, groups, times));
        }
    }

    /** Counts a pass of a stage without weights, which is more than one thing at once. */
    static void plain(PlainStep stage, Meter meter, PassKind kind, int groups) {
        long value = maps(stage, PassKind.VALUE, groups, groups);
        long scratch = 4L * stage.inputPlacement.floats() * groups;
        long output = 4L * stage.output.groupFloats * groups;
        meter.count(kind, 0, 0, 0, kind == PassKind.FORWARD
                ? value + scratch + output + maps(stage, PassKind.STATISTICS, groups, groups)
                : value + scratch + maps(stage, PassKind.OUTPUT_GRADIENT, groups, groups) + output
                + (stage.begins ? 1 : 2) * 4L * stage.input.map.groupFloats * groups
                + maps(stage, PassKind.INPUT_GRADIENT, groups, groups));
    }

    /** Bytes of passes that only walk maps. */
    private static long maps(Step stage, PassKind kind, int groups, int times) {
        long output = 4L * stage.output.groupFloats * groups;
        long stored = stage.output.groupBytes() * groups;
        return switch (kind) {
            case VALUE -> {
                long bytes = 4L * stage.inputPlacement.channel() * times;
                for (FusedInput part = stage.input; part != null; part = part.prefix) {
                    bytes += part.map.groupBytes() / part.map.shape.channels() * groups;
                }
                yield bytes * stage.valueChannels() + 4L * stage.keptFloats() * times;
            }
            case OUTPUT_GRADIENT -> (4L * stage.gradientPlacement.channel() * times
                    + (output + (stage.output.value.norm == null ? 0 : stored)) / stage.output.shape.channels()) * stage.gradientChannels();
            case INPUT_GRADIENT -> stage.feedsBack() && stage.finishes()
                    ? (masking(stage) + closing(stage.input, stage.index)) * groups : 0;
            // What is rounded is read for it, moments or not.
            case STATISTICS -> stage.output.half != null ? output + stored : stage.wantsMoments() ? output : 0;
            default -> 0;
        };
    }

    /** Bytes of ReLU's mask on the input's gradient, for one group. */
    private static long masking(Step stage) {
        return !stage.input.relu ? 0 : stage.inputPlacement.holdsAll() ? 3L * 4 * stage.input.map.groupFloats : masking(stage.input);
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
    private static long walk(WeightedStep stage, long kept, long size) {
        return switch (stage.form) {
            case DENSE -> 4 * size;
            case WINOGRAD -> 4 * transformed(size);
            case CSR -> 8 * kept;
            case BITMASK -> 4 * kept + size / 8;
        };
    }

    private static long refresh(WeightedStep stage, long kept, long size) {
        boolean transposed = stage.pass.mode == Mode.TRAINING && stage.feedsBack();
        return switch (stage.form) {
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
    private static long transforms(WeightedStep stage) {
        Conv2dGeometry geometry = stage.layout.geometry();
        return stage.form != ComputeForm.WINOGRAD ? 0
                : 2L * 4 * 8 * 4 * geometry.output().pixels() * (geometry.input().channels() + geometry.outputChannels());
    }
}
