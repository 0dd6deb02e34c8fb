package dev.fedtiny.method;

import dev.fedtiny.federation.SelectionVote;
import dev.fedtiny.protocol.Evaluation;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What the devices' evaluations of stage one's candidates come to, by one of two rules. A candidate's loss is infinite when it failed: by
 * the mean on any device, by the median on half of them.
 */
final class CandidateVote {
    private final SelectionVote vote;
    private final List<Evaluation> evaluations;
    private final long samples;
    /** By the median: of every device its median candidate's mean loss. */
    private final double[] centres;

    /**
     * Counts nothing yet.
     *
     * @param evaluations at least one, all of the same candidates
     */
    CandidateVote(SelectionVote vote, List<Evaluation> evaluations) {
        this.vote = vote;
        this.evaluations = evaluations;
        this.samples = evaluations.stream().mapToLong(Evaluation::samples).sum();
        int candidates = evaluations.getFirst().scores().size();
        this.centres = IntStream.range(0, evaluations.size()).mapToDouble(k -> median(candidates, c -> mean(k, c))).toArray();
    }

    private Evaluation.Score score(int device, int candidate) {
        return evaluations.get(device).scores().get(candidate);
    }

    private double mean(int device, int candidate) {
        return score(device, candidate).lossSum() / evaluations.get(device).samples();
    }

    /** The loss that candidates are compared by: the smallest wins. */
    double loss(int candidate) {
        int devices = evaluations.size();
        return switch (vote) {
            case MEAN -> IntStream.range(0, devices).anyMatch(k -> mean(k, candidate) >= Evaluation.FAILED_LOSS)
                    ? Double.POSITIVE_INFINITY : sum(candidate, Evaluation.Score::lossSum) / samples;
            // How a candidate does beside a device's others: what data a device has moves all its losses together.
            case MEDIAN -> median(devices, k -> mean(k, candidate)) >= Evaluation.FAILED_LOSS / 2 ? Double.POSITIVE_INFINITY
                    : median(devices, k -> centres[k]) + median(devices, k -> mean(k, candidate) - centres[k]);
        };
    }

    private double sum(int candidate, ToDoubleFunction<Evaluation.Score> figure) {
        double sum = 0;
        for (Evaluation evaluation : evaluations) {
            sum += figure.applyAsDouble(evaluation.scores().get(candidate));
        }
        return sum;
    }

    /** Of the loss: standard deviation over samples (by the median the middle device's) / √samples. */
    double standardError(int candidate) {
        double variance = switch (vote) {
            case MEAN -> variance(sum(candidate, Evaluation.Score::lossSum), sum(candidate, Evaluation.Score::squareSum), samples);
            case MEDIAN -> median(evaluations.size(), k -> variance(score(k, candidate).lossSum(), score(k, candidate).squareSum(),
                    evaluations.get(k).samples()));
        };
        return StrictMath.sqrt(variance / samples);
    }

    private static double variance(double sum, double squares, long samples) {
        double mean = sum / samples;
        return samples < 2 ? Double.NaN : Math.max(0, squares - samples * mean * mean) / (samples - 1);
    }

    /** Share of right answers over all samples. */
    double accuracy(int candidate) {
        return (double) IntStream.range(0, evaluations.size()).mapToLong(k -> score(k, candidate).correct()).sum() / samples;
    }

    private static double median(int count, IntToDoubleFunction value) {
        double[] ascending = IntStream.range(0, count).mapToDouble(value).filter(v -> !Double.isNaN(v)).toArray();
        Arrays.sort(ascending);
        return ascending.length == 0 ? Double.NaN : (ascending[(ascending.length - 1) / 2] + ascending[ascending.length / 2]) / 2;
    }
}
