package dev.fedtiny.method;

import dev.fedtiny.device.Recalibration;
import dev.fedtiny.engine.measure.Exact;
import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.federation.DeviceFailure.Cause;
import dev.fedtiny.federation.NobodyAnsweredException;
import dev.fedtiny.federation.Server;
import dev.fedtiny.federation.Server.PoolOutcome;
import dev.fedtiny.pruning.CandidatePool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Does stage one as often as a round may be repeated, where too few devices report and another attempt may mend that. It cannot be skipped
 * as a round can: without it there is no model. What a failed attempt cost is counted. Devices that say themselves that they cannot are
 * not asked again. Not thread-safe.
 */
final class StageOneAttempts {
    private static final String IMAGES = "images of stage one";

    private final FederationContext context;
    private final Server server;
    private final Reliability rule;
    private final int batch;
    private final List<DeviceFailure> failures = new ArrayList<>();
    private long images;

    StageOneAttempts(FederationContext context) {
        this.context = context;
        this.server = context.server();
        this.rule = context.plan().reliability();
        this.batch = context.plan().batch();
    }

    /**
     * The outcome of the last attempt, with at least one reporter.
     *
     * @throws IllegalStateException if nobody reports in any attempt
     */
    PoolOutcome run(CandidatePool pool, FedTiny method) {
        Optional<Duration> within = context.plan().schedule().within();
        for (int attempt = 0;; attempt++) {
            List<Integer> asked = method.selectionParticipants(context.roster(), context.plan().seed(), attempt);
            try {
                PoolOutcome outcome = method.selection() == Selection.ADAPTIVE
                        ? server.recalibrateAndEvaluate(pool, batch, asked, attempt, within)
                        : server.evaluate(pool, batch, asked, attempt, within);
                images = Exact.sum(IMAGES, images, Exact.sum(IMAGES, outcome.samples(), recalibrationImages(outcome.recalibrated())));
                List<DeviceFailure> reasons = new ArrayList<>(outcome.failures());
                reasons.addAll(server.absent(asked));
                failures.addAll(reasons);
                if (outcome.reporters().size() >= Math.min(rule.minimumReporters(), asked.size())
                        || isLast(attempt, reasons)) {
                    return outcome;
                }
            } catch (NobodyAnsweredException e) {
                images = Exact.sum(IMAGES, images, recalibrationImages(e.recalibrated()));
                failures.addAll(e.failures());
                if (isLast(attempt, e.failures())) {
                    throw attempt == 0 ? e : new IllegalStateException(e.getMessage() + "; failed " + (attempt + 1)
                            + " times (max-repeats)", e);
                }
            }
        }
    }

    private boolean isLast(int attempt, List<DeviceFailure> reasons) {
        return attempt >= rule.maximumRepeats()
                || reasons.stream().noneMatch(reason -> reason.cause() == Cause.LOST || reason.cause() == Cause.REJECTED
                || reason.cause() == Cause.LATE);
    }

    private long recalibrationImages(List<Integer> devices) {
        return devices.stream().mapToInt(server::developmentSamples)
                .mapToLong(samples -> (long) Recalibration.passes(samples, batch) * samples)
                .reduce(0, (a, b) -> Exact.sum(IMAGES, a, b));
    }

    /** Why devices dropped out, of all attempts, by device. */
    List<DeviceFailure> failures() {
        return failures.stream().sorted(Comparator.comparingInt(DeviceFailure::device)).toList();
    }

    /** Images that went forward through a candidate, of all attempts and devices. */
    long images() {
        return images;
    }
}
