package dev.fedtiny.method;

import dev.fedtiny.device.Recalibration;
import dev.fedtiny.engine.measure.Exact;
import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.federation.DeviceFailure.Cause;
import dev.fedtiny.federation.NobodyAnsweredException;
import dev.fedtiny.federation.Server;
import dev.fedtiny.federation.Server.PoolOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Asks devices what they measure of candidates as often as a round may be repeated, where too few report and another attempt may mend that.
 * What a failed attempt cost is counted. Devices that say themselves that they cannot are not asked again. Not thread-safe.
 */
final class PoolAttempts {
    private static final String IMAGES = "images of forward passes on development data";

    private final FederationContext context;
    private final Server server;
    private final Reliability rule;
    private final int batch;
    private final List<DeviceFailure> failures = new ArrayList<>();
    /** By class of devices. */
    private final long[] images;

    PoolAttempts(FederationContext context) {
        this.context = context;
        this.server = context.server();
        this.rule = context.plan().reliability();
        this.batch = context.plan().batch();
        this.images = new long[context.plan().local().classes().models()];
    }

    /** One attempt. */
    interface Attempt {
        /**
         * Asks those who are wanted.
         *
         * @param number from 0 on
         * @param within wall time of each exchange; empty: as long as the fleet waits
         * @throws NobodyAnsweredException if no device answers
         */
        PoolOutcome run(int number, List<Integer> devices, Optional<Duration> within);
    }

    /**
     * The outcome of the last attempt, with at least one reporter.
     *
     * @param draws who is wanted in an attempt, ascending
     * @throws NobodyAnsweredException if nobody reports in any attempt
     */
    PoolOutcome run(IntFunction<List<Integer>> draws, Attempt attempt) {
        Optional<Duration> within = context.plan().schedule().within();
        for (int number = 0;; number++) {
            List<Integer> asked = draws.apply(number);
            try {
                PoolOutcome outcome = attempt.run(number, asked, within);
                recalibrated(outcome.recalibrated());
                for (int k = 0; k < outcome.evaluations().size(); k++) {
                    count(outcome.reporters().get(k), outcome.evaluations().get(k).samples());
                }
                List<DeviceFailure> reasons = new ArrayList<>(outcome.failures());
                reasons.addAll(server.absent(asked));
                failures.addAll(reasons);
                if (outcome.reporters().size() >= Math.min(rule.minimumReporters(), asked.size())
                        || isLast(number, reasons)) {
                    return outcome;
                }
            } catch (NobodyAnsweredException e) {
                recalibrated(e.recalibrated());
                failures.addAll(e.failures());
                if (isLast(number, e.failures())) {
                    throw e.after(number + 1);
                }
            }
        }
    }

    private boolean isLast(int attempt, List<DeviceFailure> reasons) {
        return attempt >= rule.maximumRepeats()
                || reasons.stream().noneMatch(reason -> reason.cause() == Cause.LOST || reason.cause() == Cause.REJECTED
                || reason.cause() == Cause.LATE);
    }

    private void recalibrated(List<Integer> devices) {
        for (int device : devices) {
            int samples = server.developmentSamples(device);
            count(device, (long) Recalibration.passes(samples, batch) * samples);
        }
    }

    private void count(int device, long forward) {
        int place = context.classOf(device);
        images[place] = Exact.sum(IMAGES, images[place], forward);
    }

    /** Why devices dropped out, of all attempts, by device. */
    List<DeviceFailure> failures() {
        return failures.stream().sorted(Comparator.comparingInt(DeviceFailure::device)).toList();
    }

    /** Images that went forward through what a class of devices holds of a candidate, of all attempts and devices. */
    long images(int place) {
        return images[place];
    }
}
