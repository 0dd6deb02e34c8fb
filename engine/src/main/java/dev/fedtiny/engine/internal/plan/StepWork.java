package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Layout;

/**
 * What a step's passes amount to, for a meter: multiply-adds, and traffic by the model stated at {@link PassKind}. Scratch is 4 bytes a
 * value, maps and their gradients what they are stored in; channels that are computed one after the other, each rounded before the next,
 * lie in the nearest cache and count where they are stored only.
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
        int groups = step.outputGroups();
        long kept = step.pack.rowBegin(step.rows());
        long size = step.layout.geometry().weights();
        long macs = (long) step.positions() * images;
        long pixels = (long) Layout.LANES * step.layout.outputRows() * step.layout.outputColumns();
        long input = 4L * step.input.placement.channel() * step.channelsRead();
        long gradient = 4L * step.output.gradientPlacement.channel() * step.gradientChannels.count(step.rows());
        long output = 4L * scratchFloats(step.output.map, step.forwardByPlanes) * groups;
        switch (kind) {
            case FORWARD -> meter.count(kind, kept * macs, step.pack.forwardPairs() * pixels * times, size * macs,
                    times * (input + walk(step, kept, size) + transforms(step)) + output);
            case BACKWARD_DATA -> {
                if (step.input.feedsBack()) {
                    meter.count(kind, kept * macs, Layout.LANES * step.pack.backwardProducts() * times, size * macs,
                            times * (gradient + walk(step, kept, size) + transforms(step))
                            + contribution(step.input, step.backwardByPlanes) * groups);
                }
            }
            case BACKWARD_WEIGHT -> {
                boolean atOnce = step.sumsBatchAtOnce();
                long sums = atOnce ? 4 * size : 64 * kept * times + 4 * kept;
                meter.count(kind, kept * macs, (atOnce ? step.batch.pairs() : kept) * pixels * times, size * macs,
                        times * (input + gradient) + sums);
            }
            case GROWTH -> {
                meter.count(kind, size * macs, step.batch.pairs() * pixels * times, size * macs, times * (input + gradient) + 4 * size);
                meter.count(PassKind.TOP_K, 0, 0, 0, 4 * size);
            }
            case REFRESH -> meter.count(kind, 0, 0, 0, refresh(step, kept, size));
            default -> meter.count(kind, 0, 0, 0, maps(step, kind, groups, times));
        }
    }

    /** Counts a pass of an operator without a weight matrix, which is more than one thing at once. */
    static void operator(OperatorStep step, Meter meter, PassKind kind) {
        int groups = step.outputGroups();
        long output = 4L * step.output.map.groupFloats * groups;
        long bytes = output;
        for (InputPort input : step.inputs) {
            int channels = input.value.map.shape.channels();
            // What is not read as it lies is computed into scratch and read there.
            long value = input.isDirect() ? step.pass.groups() * imageGroupBytes(input.value.map)
                    : value(input, channels, step.pass.groups(), groups) + 4L * input.placement.floats() * groups
                    + input.edgeTraffic(channels);
            if (kind == PassKind.FORWARD) {
                bytes += value;
            } else {
                bytes += step.evaluatesBackward(input) ? value : 0;
                bytes += input.feedsBack() ? contribution(input, false) * groups : 0;
                bytes += inputGradient(input, groups, false);
            }
        }
        if (kind == PassKind.FORWARD) {
            bytes += statistics(step.output, groups, false);
        } else {
            bytes += outputGradient(step.output, step.output.map.shape.channels(), groups, groups);
            bytes += step.differentiatesByOutput() ? step.output.map.groupBytes() * groups : 0;
        }
        meter.count(kind, 0, 0, 0, bytes);
    }

    /** Bytes of passes of a step with weights that only walk maps. */
    private static long maps(WeightedStep step, PassKind kind, int groups, int times) {
        return switch (kind) {
            case VALUE -> {
                // Two threads that compute a half of the channels each both lay the input out.
                int threads = step.pass.bands.sharesHalves(step) ? 2 : 1;
                yield threads * (value(step.input, step.reader.computedChannels(), step.pass.groups(), times)
                        + 4L * step.reader.sampledFloats() * times) + step.input.edgeTraffic(step.reader.computedChannels());
            }
            case OUTPUT_GRADIENT -> outputGradient(step.output, step.gradientChannels.count(step.rows()), groups, times);
            case INPUT_GRADIENT -> inputGradient(step.input, groups, step.backwardByPlanes);
            case STATISTICS -> statistics(step.output, groups, step.forwardByPlanes);
            default -> 0;
        };
    }

    /**
     * Bytes of computing channels of a value into scratch.
     *
     * @param groups image groups
     * @param times how often scratch of a group is filled
     */
    private static long value(InputPort input, int channels, int groups, int times) {
        long bytes = 4L * input.placement.channel() * times;
        for (FusedInput part = input.value; part != null; part = part.prefix) {
            bytes += groups * imageGroupBytes(part.map) / part.map.shape.channels();
        }
        return bytes * channels;
    }

    /** Bytes of an image group of a map, in all its bands. */
    private static long imageGroupBytes(StoredActivation map) {
        return map.groupBytes() * map.layout.bands();
    }

    /** Bytes of putting channels of an output's gradient into scratch. */
    private static long outputGradient(OutputPort output, int channels, int groups, int times) {
        long gradient = output.map.groupBytes() * groups;
        long stored = output.map.value.norm == null ? 0 : output.map.groupBytes() * groups;
        return (4L * output.gradientPlacement.channel() * times + (gradient + stored) / output.map.shape.channels()) * channels;
    }

    /** Floats of a fresh group that count: none where a map is rounded channel by channel. */
    private static long scratchFloats(StoredActivation map, boolean byPlanes) {
        return map.rounds() && byPlanes ? 0 : map.groupFloats;
    }

    /** Bytes of closing a value's gradient, where this is the place. */
    private static long inputGradient(InputPort input, int groups, boolean byPlanes) {
        long rounding = input.stages() ? rounding(input.value.map, byPlanes) : 0;
        return (rounding + (input.finishes() ? masking(input, byPlanes) + closing(input.value, input.step) : 0)) * groups;
    }

    /** Bytes of a contribution to a value's gradient, for one group; what is rounded is widened first where it is added to. */
    private static long contribution(InputPort input, boolean byPlanes) {
        StoredActivation map = input.value.map;
        long widening = input.stages() && !input.begins() ? rounding(map, byPlanes) : 0;
        return widening + (input.begins() ? 1 : 2) * 4L * scratchFloats(map, byPlanes && input.settles());
    }

    /** Bytes of rounding a group of scratch to what is stored, or of the way back. */
    private static long rounding(StoredActivation map, boolean byPlanes) {
        return 4L * scratchFloats(map, byPlanes) + map.groupBytes();
    }

    /** Bytes of storing a fresh output where it is rounded, and of its moments. */
    private static long statistics(OutputPort output, int groups, boolean byPlanes) {
        StoredActivation map = output.map;
        return ((map.rounds() ? rounding(map, byPlanes) : 0) + (output.wantsMoments() ? map.groupBytes() : 0)) * groups;
    }

    /** Bytes of a clamp's mask on the input's gradient, for one group. */
    private static long masking(InputPort input, boolean byPlanes) {
        FusedInput value = input.value;
        return value.clamp == null ? 0 : input.placement.holdsAll()
                ? 4L * value.map.groupFloats + 2L * 4 * scratchFloats(value.map, byPlanes) : masking(value);
    }

    /** The same where the value is computed anew for it: its maps read, the value written and read, the gradient read and written. */
    private static long masking(FusedInput value) {
        long bytes = 4L * 4 * value.map.groupFloats + (value.map.rounds() ? 2 * rounding(value.map, false) : 0);
        for (FusedInput part = value; part != null; part = part.prefix) {
            bytes += part.map.groupBytes();
        }
        return bytes;
    }

    /** Bytes of sums over a complete gradient and of its way to the shortcut, for one group. */
    private static long closing(FusedInput value, int index) {
        long map = value.map.groupBytes();
        long bytes = value.norm == null || !value.norm.isTrained ? 0 : 2 * map;
        FusedInput prefix = value.prefix;
        if (prefix == null || !prefix.needsGradient()) {
            return bytes;
        }
        bytes += prefix.link == FusedInput.Link.COPIED ? 2 * map : prefix.link == FusedInput.Link.ADDED ? 3 * map : 0;
        if (prefix.finish == index && prefix.lastIsLink) {
            bytes += (prefix.clamp != null ? masking(prefix) : 0) + closing(prefix, index);
        }
        return bytes;
    }

    /** How weights lie: those of layers that read maps as they lie stand at all positions, whatever form they are kept in. */
    private static ConvolutionAlgorithm form(WeightedStep step) {
        return step.layout.readsMaps() ? ConvolutionAlgorithm.DENSE : step.algorithm;
    }

    /** Bytes of all weights, as a kernel walks them. */
    private static long walk(WeightedStep step, long kept, long size) {
        return switch (form(step)) {
            case DENSE -> 4 * size;
            case WINOGRAD -> 4 * transformed(size);
            case CSR -> (4 + 4) * kept;
            case BITMASK -> 4 * kept + size / Byte.SIZE;
        };
    }

    private static long refresh(WeightedStep step, long kept, long size) {
        boolean transposed = step.pass.mode == Mode.TRAINING && step.input.feedsBack();
        return switch (form(step)) {
            case DENSE -> 2 * 4 * kept + (transposed ? 2 * 4 * size : 0);
            case WINOGRAD -> 4 * kept + 4 * transformed(size) + (transposed ? 2 * 4 * transformed(size) : 0);
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
                : 2L * 4 * Layout.LANES * 4 * geometry.output().pixels() * (geometry.input().channels() + geometry.outputChannels());
    }
}
