package dev.fedtiny.federation;

import java.util.List;

/**
 * How the candidates did on a device's development data. Payload: samples (4), candidates (4), for each summed loss (8), summed squared loss
 * (8), correct (4).
 *
 * @param samples development samples
 * @param scores one a candidate
 */
public record Evaluation(int samples, List<Score> scores) implements DeviceMessage {
    /**
     * One candidate on one device.
     *
     * @param lossSum cross entropy summed over samples; may be infinite or NaN, which makes the candidate lose
     * @param squareSum the same of squares, from which the standard error follows
     * @param correct right answers
     */
    public record Score(double lossSum, double squareSum, int correct) {
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
