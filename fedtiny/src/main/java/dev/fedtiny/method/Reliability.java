package dev.fedtiny.method;

import dev.fedtiny.engine.runtime.RandomStream;
import java.util.Objects;

/**
 * How devices fail and how slow they are in a simulation, and what the server does about it. Nothing here looks at a clock: a device's
 * time is the exact FLOPs of its round by its speed plus the bytes of its frames by its line, so runs repeat bit for bit.
 *
 * @param dropout probability, of every device, round and attempt by itself, in [0, 1), that the device is not there
 * @param deadlineSeconds simulated seconds after which an answer is thrown away; infinite: never
 * @param speed FLOP/s
 * @param bandwidth bytes/s, both ways
 * @param minimumReporters how many updates a round needs
 * @param tooFew what happens when there are fewer
 * @param maximumRepeats after so many repetitions a round is skipped after all
 */
public record Reliability(double dropout, double deadlineSeconds, DeviceRate speed, DeviceRate bandwidth, int minimumReporters,
        TooFew tooFew, int maximumRepeats) {
    /** Everybody is there, and nothing takes time. */
    public static final Reliability PERFECT = new Reliability(0, Double.POSITIVE_INFINITY, new DeviceRate.Unlimited(),
            new DeviceRate.Unlimited(), 1, TooFew.SKIP, 0);

    /** What happens to a round with too few reporters. */
    public enum TooFew {
        /** It is done again from the same model, with dropouts (and a sample of devices, where there is one) drawn anew. */
        REPEAT,
        /** The model stays as it was, and the next round begins. */
        SKIP
    }

    /** Checks the ranges. */
    public Reliability {
        Objects.requireNonNull(speed, "speed");
        Objects.requireNonNull(bandwidth, "bandwidth");
        Objects.requireNonNull(tooFew, "tooFew");
        if (!(dropout >= 0 && dropout < 1) || !(deadlineSeconds > 0) || minimumReporters < 1 || maximumRepeats < 0) {
            throw new IllegalArgumentException("reliability: dropout " + dropout + ", deadline " + deadlineSeconds
                    + " s, minimum reporters " + minimumReporters + ", repeats " + maximumRepeats
                    + "; expected a dropout in [0, 1), a positive deadline, at least 1 reporter and no fewer than 0 repeats");
        }
    }

    /** Whether a device is absent from an attempt at a round. */
    boolean offline(long seed, int round, int attempt, int device) {
        return dropout > 0 && RandomStream.of(seed, "dropout", round, attempt, device).nextDouble() < dropout;
    }

    /** t_k, simulated seconds of a device's round: computing plus transfer, one after the other. */
    double seconds(long seed, int device, long flops, long bytes) {
        return flops / speed.of(seed, "device-speed", device) + bytes / bandwidth.of(seed, "device-bandwidth", device);
    }
}
