package dev.fedtiny.experiment;

import dev.fedtiny.method.Reliability;

/**
 * Expected values of what a run will compute and send when devices drop out. A device asked is there with probability 1 − p, by itself, and
 * one that is not costs nothing, so a round costs A · (1 − p) times what it costs with everybody, where A is the expected number of
 * attempts: Σ (1 − q)^i over i = 0 … M when rounds with fewer than m reporters are repeated up to M times, else 1, and q = P(Binomial(n, 1
 * − p) ≥ m) for n devices asked. Not in it: masks that devices missed or get again, adjustments that skipped rounds leave out, devices that
 * are late.
 *
 * @param share A · (1 − p), the mean over the rounds
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
        for (RoundEstimate round : exact.rounds()) {
            double part = (1 - reliability.dropout()) * attempts(round.devices(), reliability);
            share += part / exact.rounds().size();
            flops += (part - 1) * round.flops();
            down += (part - 1) * round.bytesDown();
            up += (part - 1) * round.bytesUp();
        }
        return new ExpectedTotals(share, flops, down, up);
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

    /** P(Binomial(n, p) ≥ least), the distribution built up trial by trial. */
    private static double enough(int trials, double probability, int least) {
        double[] of = new double[trials + 1];
        of[0] = 1;
        for (int trial = 1; trial <= trials; trial++) {
            for (int successes = trial; successes >= 0; successes--) {
                of[successes] = (1 - probability) * of[successes] + (successes > 0 ? probability * of[successes - 1] : 0);
            }
        }
        double sum = 0;
        for (int successes = least; successes <= trials; successes++) {
            sum += of[successes];
        }
        return sum;
    }
}
