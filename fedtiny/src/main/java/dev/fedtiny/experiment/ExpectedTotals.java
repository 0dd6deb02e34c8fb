package dev.fedtiny.experiment;

import dev.fedtiny.method.Reliability;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Expected values of what a run will compute and send when devices drop out. A device asked is there with probability 1 − p, by itself,
 * and one that is not costs nothing. So requests of a round cost A · (1 − p) times what they cost with everybody, where A is the expected
 * number of attempts: Σ (1 − q)^i over i = 0 … M when rounds with fewer than m reporters are repeated up to M times, else 1, and q =
 * P(Binomial(n, 1 − p) ≥ m) for n devices asked. Work and answers, of which a round takes w, cost A · E[min(w, Binomial(n, 1 − p))] / w
 * times as much: the same where all asked are waited for. Not in it: masks that devices missed or get again, adjustments that skipped
 * rounds leave out, devices that are late.
 *
 * @param share of its work that a round is expected to cost, the mean over the rounds: A · (1 − p) where all asked are waited for
 * @param flops of everything, what the server does and BN selection included: dropouts are simulated in rounds alone
 * @param bytesDown to all devices
 * @param bytesUp from all devices
 */
public record ExpectedTotals(double share, double flops, double bytesDown, double bytesUp) {
    /** Expected values of a counted run. */
    static ExpectedTotals of(ExactEstimate exact, Reliability reliability) {
        double share = 0;
        double flops = exact.totalFlops();
        double down = exact.totalBytesDown();
        double up = exact.totalBytesUp();
        double there = 1 - reliability.dropout();
        // Most rounds ask as many.
        Map<List<Integer>, Double> shares = new HashMap<>();
        for (RoundEstimate round : exact.rounds()) {
            double attempts = attempts(round.devices(), reliability);
            double heard = round.reporters() == round.devices() ? there : shares.computeIfAbsent(List.of(round.devices(),
                    round.reporters()), _ -> atMost(round.devices(), there, round.reporters()) / round.reporters());
            share += heard * attempts / exact.rounds().size();
            flops += (heard * attempts - 1) * round.flops();
            down += (there * attempts - 1) * round.bytesDown();
            up += (heard * attempts - 1) * round.bytesUp();
        }
        return new ExpectedTotals(share, flops, down, up);
    }

    /** E[min(most, Binomial(n, p))]. */
    private static double atMost(int trials, double probability, int most) {
        double[] successes = binomial(trials, probability);
        double expected = 0;
        for (int i = 0; i <= trials; i++) {
            expected += Math.min(i, most) * successes[i];
        }
        return expected;
    }

    /** A, the expected number of attempts at a round in which so many devices are asked. */
    static double attempts(int devices, Reliability reliability) {
        if (reliability.tooFew() == Reliability.TooFew.SKIP) {
            return 1;
        }
        double failure = 1 - enough(devices, 1 - reliability.dropout(), reliability.minimumReporters());
        double attempts = 0;
        double reached = 1;
        for (int i = 0; i <= reliability.maximumRepeats(); i++) {
            attempts += reached;
            reached *= failure;
        }
        return attempts;
    }

    /** P(Binomial(n, p) ≥ least). */
    private static double enough(int trials, double probability, int least) {
        double[] of = binomial(trials, probability);
        double sum = 0;
        for (int successes = least; successes <= trials; successes++) {
            sum += of[successes];
        }
        return sum;
    }

    /** P(Binomial(n, p) = i) for i = 0 … n, built up trial by trial. */
    private static double[] binomial(int trials, double probability) {
        double[] of = new double[trials + 1];
        of[0] = 1;
        for (int trial = 1; trial <= trials; trial++) {
            for (int successes = trial; successes >= 0; successes--) {
                of[successes] = (1 - probability) * of[successes] + (successes > 0 ? probability * of[successes - 1] : 0);
            }
        }
        return of;
    }
}
