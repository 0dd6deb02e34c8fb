package dev.fedtiny.method;

import dev.fedtiny.federation.Deadline;
import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.federation.DeviceFailure.Cause;
import dev.fedtiny.federation.Server;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.function.IntToLongFunction;
import java.util.stream.Stream;

/**
 * Does a round as often as the rule for too few reporters wants. An attempt that failed leaves the model alone; what it cost is counted.
 * Not thread-safe.
 */
final class RoundAttempts {
    private final TrainingPlan plan;
    private final int round;
    private final IntToLongFunction deviceFlops;
    private final TreeSet<Integer> participants = new TreeSet<>();
    private final List<DeviceFailure> failures = new ArrayList<>();
    private final List<Integer> inVain = new ArrayList<>();
    private double simulatedSeconds;
    private long flops;
    private long dearest;

    /**
     * Nothing done yet.
     *
     * @param deviceFlops exact FLOPs of a device in this round
     */
    RoundAttempts(TrainingPlan plan, int round, IntToLongFunction deviceFlops) {
        this.plan = plan;
        this.round = round;
        this.deviceFlops = deviceFlops;
    }

    /** One attempt. */
    interface Attempt {
        /** Asks those who are there, from the state's model, and gathers their updates from nothing. */
        Server.Outcome run(List<Integer> devices, List<Integer> acknowledged, Deadline deadline);
    }

    /**
     * What came of all attempts.
     *
     * @param last the last attempt
     * @param enough whether its updates count
     * @param participants of all attempts, ascending
     * @param failures of all attempts, by device
     */
    record Outcome(Server.Outcome last, boolean enough, List<Integer> participants, List<DeviceFailure> failures, RoundEffort effort,
            long flops, long dearestDeviceFlops) {
        /** Devices whose updates count. */
        List<Integer> reporters() {
            return enough ? last.reporters() : List.of();
        }
    }

    /**
     * Attempts until enough devices reported or the rule gives up.
     *
     * @param draws who is wanted in an attempt, ascending
     * @param acknowledged for every device the mask version it holds at the start
     */
    Outcome run(IntFunction<List<Integer>> draws, List<Integer> acknowledged, Attempt attempt) {
        Reliability rule = plan.reliability();
        int most = rule.tooFew() == Reliability.TooFew.REPEAT ? rule.maximumRepeats() : 0;
        List<Integer> holding = acknowledged;
        for (int number = 0;; number++) {
            Server.Outcome outcome = once(number, draws.apply(number), holding, attempt);
            boolean enough = outcome.reporters().size() >= rule.minimumReporters();
            if (!enough) {
                inVain.addAll(outcome.reporters());
            }
            if (enough || number == most) {
                failures.sort(Comparator.comparingInt(DeviceFailure::device));
                return new Outcome(outcome, enough, List.copyOf(participants), List.copyOf(failures),
                        new RoundEffort(number + 1, inVain, simulatedSeconds), flops, dearest);
            }
            holding = outcome.acknowledged();
        }
    }

    private Server.Outcome once(int number, List<Integer> drawn, List<Integer> acknowledged, Attempt attempt) {
        Reliability rule = plan.reliability();
        participants.addAll(drawn);
        List<Integer> there = new ArrayList<>();
        for (int device : drawn) {
            if (rule.offline(plan.seed(), round, number, device)) {
                failures.add(new DeviceFailure(device, Cause.OFFLINE, "simulated dropout in round " + round
                        + (number == 0 ? "" : ", attempt " + (number + 1))));
            } else {
                there.add(device);
            }
        }
        double[] slowest = new double[1];
        Server.Outcome outcome = attempt.run(there, acknowledged, deadline(slowest));
        failures.addAll(outcome.failures());
        count(outcome);
        boolean everybody = outcome.reporters().size() == drawn.size();
        simulatedSeconds += everybody || Double.isInfinite(rule.deadlineSeconds()) ? slowest[0] : rule.deadlineSeconds();
        return outcome;
    }

    private Deadline deadline(double[] slowest) {
        Reliability rule = plan.reliability();
        return (device, bytesDown, bytesUp) -> {
            double seconds = rule.seconds(plan.seed(), device, deviceFlops.applyAsLong(device), bytesDown + bytesUp);
            if (seconds > rule.deadlineSeconds()) {
                return Optional.of(String.format(Locale.ROOT, "%.6g simulated seconds, the deadline is %.6g", seconds,
                        rule.deadlineSeconds()));
            }
            slowest[0] = Math.max(slowest[0], seconds);
            return Optional.empty();
        };
    }

    /** Late devices worked, too. */
    private void count(Server.Outcome outcome) {
        Stream<Integer> late = outcome.failures().stream().filter(failure -> failure.cause() == Cause.LATE).map(DeviceFailure::device);
        Stream.concat(outcome.reporters().stream(), late).forEach(device -> {
            long ofDevice = deviceFlops.applyAsLong(device);
            flops += ofDevice;
            dearest = Math.max(dearest, ofDevice);
        });
    }
}
