package dev.fedtiny.method;

import dev.fedtiny.federation.Deadline;
import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.federation.DeviceFailure.Cause;
import dev.fedtiny.federation.Server;
import dev.fedtiny.protocol.CachedMasks;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.function.IntToLongFunction;

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

    /**
     * Nothing done yet.
     *
     * @param deviceFlops FLOPs of a device in this round, which its simulated time goes by
     */
    RoundAttempts(TrainingPlan plan, int round, IntToLongFunction deviceFlops) {
        this.plan = plan;
        this.round = round;
        this.deviceFlops = deviceFlops;
    }

    /** One attempt. */
    interface Attempt {
        /** Asks those who are there, from the state's model; updates are taken only if there are enough. */
        Server.Outcome run(List<Integer> devices, List<Integer> acknowledged, Deadline deadline);
    }

    /**
     * What came of all attempts.
     *
     * @param acknowledged for every device the mask version it now holds
     * @param participation who took part
     */
    record Outcome(List<Integer> acknowledged, Participation participation) {
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
            holding = enough ? outcome.acknowledged() : forgotten(outcome);
            if (enough || number == most) {
                failures.sort(Comparator.comparingInt(DeviceFailure::device));
                return new Outcome(holding, new Participation(List.copyOf(participants), enough ? outcome.reporters() : List.of(), failures,
                        new RoundEffort(number + 1, inVain, simulatedSeconds)));
            }
        }
    }

    /** Whose work was discarded may have changed its own mask, of which nothing is known here: it gets the mask again. */
    private List<Integer> forgotten(Server.Outcome outcome) {
        inVain.addAll(outcome.reporters());
        List<Integer> holding = new ArrayList<>(outcome.acknowledged());
        outcome.reporters().forEach(device -> holding.set(device, CachedMasks.NONE));
        return holding;
    }

    private Server.Outcome once(int number, List<Integer> drawn, List<Integer> acknowledged, Attempt attempt) {
        Reliability rule = plan.reliability();
        participants.addAll(drawn);
        List<Integer> there = new ArrayList<>();
        for (int device : drawn) {
            if (rule.offline(plan.seed(), round, number, device)) {
                failures.add(new DeviceFailure(device, Cause.OFFLINE, "simulated dropout in round " + (round + 1)
                        + (number == 0 ? "" : ", attempt " + (number + 1))));
            } else {
                there.add(device);
            }
        }
        double[] slowest = new double[1];
        Server.Outcome outcome = attempt.run(there, acknowledged, deadline(slowest));
        failures.addAll(outcome.failures());
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
}
