package dev.fedtiny.method;

import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.federation.SelectionVote;
import java.util.List;

/**
 * FedTiny's stage one: what every candidate scored, and whether that meant anything.
 *
 * @param selection how candidates were compared
 * @param vote by which rule the devices' losses decided
 * @param candidates one a candidate, in order
 * @param chosen position of the chosen one
 * @param reporters devices that evaluated, ascending
 * @param failures devices that dropped out, and why
 * @param costs of pool, recalibration and evaluation together
 */
public record SelectionReport(Selection selection, SelectionVote vote, List<Candidate> candidates, int chosen,
        List<Integer> reporters, List<DeviceFailure> failures, Costs costs) {
    /**
     * One candidate's score over all development data.
     *
     * @param loss cross entropy, the devices' by the report's vote; not finite when the candidate failed
     * @param accuracy share of correct answers
     * @param standardError of the mean loss: standard deviation over samples / √samples
     * @param active Σ k_l, weights of the prunable layers that are not pruned
     * @param density of the candidate
     * @param trainingFlops of one image
     */
    public record Candidate(double loss, double accuracy, double standardError, long active, double density, long trainingFlops) {
    }

    /** Keeps its own copies. */
    public SelectionReport {
        candidates = List.copyOf(candidates);
        reporters = List.copyOf(reporters);
        failures = List.copyOf(failures);
    }

    /** {@return the largest minus the smallest finite loss} */
    public double spread() {
        double[] finite = candidates.stream().mapToDouble(Candidate::loss).filter(Double::isFinite).sorted().toArray();
        return finite[finite.length - 1] - finite[0];
    }

    /** {@return mean standard error of the candidates' mean losses} */
    public double standardError() {
        return candidates.stream().mapToDouble(Candidate::standardError).filter(Double::isFinite).average().orElse(Double.NaN);
    }

    /** {@return whether there was a choice and the losses differ by less than their standard error: then it was a coin toss} */
    public boolean coinToss() {
        return candidates.size() > 1 && !(spread() > standardError());
    }
}
