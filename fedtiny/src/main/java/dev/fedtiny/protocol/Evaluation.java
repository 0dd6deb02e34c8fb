package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.privacy.OpenedSum;
import dev.fedtiny.privacy.SumLayout;
import dev.fedtiny.privacy.Summand;
import java.util.ArrayList;
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

    private static final int SCORE_BYTES = 20;

    /**
     * One candidate on one device.
     *
     * @param lossSum cross entropy summed over samples; on the wire finite and at most {@link #FAILED_LOSS} a sample
     * @param squareSum the same of squares, from which the standard error follows
     * @param correct right answers
     */
    public record Score(double lossSum, double squareSum, int correct) {
        /**
         * As it may be sent: losses that are larger, or no numbers, are those of a failed candidate without right answers.
         *
         * @param samples of the device's development data
         * @return this score, or a failed one
         */
        public Score bounded(int samples) {
            return lossSum < FAILED_LOSS * samples && squareSum < FAILED_LOSS * FAILED_LOSS * samples ? this
                    : new Score(FAILED_LOSS * samples, FAILED_LOSS * FAILED_LOSS * samples, 0);
        }

        /** A candidate's score: finite, no worse than a failed candidate's, and losses that so many right answers can have. */
        private static Score read(PayloadReader reader, int candidate, int samples) {
            String name = "candidate " + (candidate + 1);
            double lossSum = reader.finiteIn("summed loss of " + name, 0, FAILED_LOSS * samples);
            double squareSum = reader.finiteIn("summed squared loss of " + name, 0, FAILED_LOSS * FAILED_LOSS * samples);
            int correct = reader.int32In("right answers of " + name, 0, samples);
            // Who takes another class for the right one gives the right one half at most. Rounding has a thousandth.
            double least = 0.999 * Math.log(2) * (samples - correct);
            if (lossSum < least) {
                throw reader.content("summed loss of " + name + " is " + lossSum + ", but " + (samples - correct)
                        + " wrong answers alone have at least " + least);
            }
            if (squareSum * samples < 0.999 * lossSum * lossSum) {
                throw reader.content("summed squared loss of " + name + " is " + squareSum + ", but a summed loss of " + lossSum + " over "
                        + samples + " samples has at least " + lossSum * lossSum / samples);
            }
            return new Score(lossSum, squareSum, correct);
        }
    }

    /** Words of a candidate in a secure sum. */
    private static final int SUM_FIGURES = 3;
    /** Squared losses of a failed candidate would leave the range of sums. */
    private static final double SQUARE_SCALE = 0x1p-20;

    /** Keeps its own list. */
    public Evaluation {
        scores = List.copyOf(scores);
    }

    @Override
    public MessageKind kind() {
        return MessageKind.EVALUATION;
    }

    @Override
    public void write(PayloadWriter writer, Network network) {
        writer.int32(samples).int32(scores.size());
        scores.forEach(score -> writer.float64(score.lossSum()).float64(score.squareSum()).int32(score.correct()));
    }

    /**
     * What it adds to a secure sum.
     *
     * @return samples, and for every candidate summed loss, summed squared loss in units of 2²⁰, and right answers
     */
    public Summand summand() {
        List<Double> figures = new ArrayList<>();
        scores.forEach(score -> figures.addAll(List.of(score.lossSum(), SQUARE_SCALE * score.squareSum(), (double) score.correct())));
        return new Summand(samples, figures, List.of(), List.of());
    }

    /** How evaluations of so many candidates lie in a sum. */
    static SumLayout layout(int candidates, int devices) {
        return SumLayout.of(1 + SUM_FIGURES * candidates, 0, devices);
    }

    /**
     * All devices' samples in one, from a secure sum.
     *
     * @param sum of what {@link #summand} gives
     * @param samples of all devices
     * @return one evaluation
     */
    public static Evaluation of(OpenedSum sum, int samples) {
        List<Score> scores = new ArrayList<>();
        for (int word = 1; word < sum.low().length; word += SUM_FIGURES) {
            scores.add(new Score(sum.value(word), sum.value(word + 1) / SQUARE_SCALE, (int) sum.whole(word + 2, 0, samples)));
        }
        return new Evaluation(samples, scores);
    }

    /**
     * An evaluation of so many candidates on so many development samples.
     *
     * @param candidates C
     * @param counts what samples the device may state; they may be others than it stated before
     */
    public record Expected(int candidates, SampleCounts.Range counts) implements Expectation {
        @Override
        public MessageKind kind() {
            return MessageKind.EVALUATION;
        }

        @Override
        public Evaluation read(PayloadReader reader, Network network) {
            int samples = reader.int32In("development samples", counts.split().size(counts.least()), counts.split().size(counts.most()));
            reader.int32In("candidates", candidates, candidates);
            reader.require((long) SCORE_BYTES * candidates);
            List<Score> scores = new ArrayList<>();
            for (int c = 0; c < candidates; c++) {
                scores.add(Score.read(reader, c, samples));
            }
            return new Evaluation(samples, scores);
        }

        @Override
        public long longestPayload(Network network) {
            return 4 + 4 + (long) SCORE_BYTES * candidates;
        }
    }
}
