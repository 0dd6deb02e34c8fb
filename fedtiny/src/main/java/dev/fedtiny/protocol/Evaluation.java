package dev.fedtiny.protocol;

import java.util.List;

/**
 * How the candidates did on a device's development data. Payload: samples (4), candidates (4), for each summed loss (8), summed squared
 * loss (8), correct (4).
 *
 * @param samples development samples
 * @param scores one a candidate
 */
public record Evaluation(int samples, List<Score> scores) implements DeviceMessage {
    /** Cross entropy of a sample, in nats, from which on a model has failed: no softmax of a usable model comes near it. */
    public static final double FAILED_LOSS = 1e6;

    /**
     * One candidate on one device.
     *
     * @param lossSum cross entropy summed over samples; on the wire finite and at most {@link #FAILED_LOSS} a sample
     * @param squareSum the same of squares, from which the standard error follows
     * @param correct right answers
     */
    public record Score(double lossSum, double squareSum, int correct) {
        /** As it may be sent: losses that are larger, or no numbers, are those of a failed candidate without right answers. */
        public Score bounded(int samples) {
            return lossSum < FAILED_LOSS * samples && squareSum < FAILED_LOSS * FAILED_LOSS * samples ? this
                    : new Score(FAILED_LOSS * samples, FAILED_LOSS * FAILED_LOSS * samples, 0);
        }
    }

    /** Keeps its own list. */
    public Evaluation {
        scores = List.copyOf(scores);
    }

    @Override
    public MessageKind kind() {
        return MessageKind.EVALUATION;
    }
}
