package dev.fedtiny.method;

import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.federation.Deadline;
import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.federation.DeviceFailure.Cause;
import dev.fedtiny.federation.MaskVersions;
import dev.fedtiny.federation.RoundLog;
import dev.fedtiny.federation.Server;
import dev.fedtiny.protocol.CachedMasks;
import dev.fedtiny.protocol.MessageKind;
import java.util.ArrayList;
import java.util.Arrays;
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
    private final RoundLog log;
    private final int round;
    private final IntToLongFunction deviceFlops;
    private final DeviceTally tally;
    private final TreeSet<Integer> participants = new TreeSet<>();
    private final List<DeviceFailure> failures = new ArrayList<>();
    private final List<Integer> inVain = new ArrayList<>();
    private double simulatedSeconds;

    /**
     * Nothing done yet.
     *
     * @param log says who was heard in an earlier life of this server: then just these are asked
     * @param deviceFlops FLOPs of a device in this round, which its simulated time goes by
     * @param tally is told of answers
     */
    RoundAttempts(TrainingPlan plan, RoundLog log, int round, IntToLongFunction deviceFlops, DeviceTally tally) {
        this.plan = plan;
        this.log = log;
        this.round = round;
        this.deviceFlops = deviceFlops;
        this.tally = tally;
    }

    /** One attempt. */
    interface Attempt {
        /**
         * Asks those who are there, from the state's model.
         *
         * @param number from 0 on
         */
        Server.Outcome run(int number, List<Integer> devices, MaskVersions acknowledged, Deadline deadline);
    }

    /**
     * What came of all attempts.
     *
     * @param acknowledged the mask version that every device holds now
     * @param participation who took part
     */
    record Outcome(MaskVersions acknowledged, Participation participation) {
    }

    /**
     * Attempts until enough devices reported or the rule gives up. Where noise hides whether anybody took part there is one attempt, which
     * counts whoever and however few reported, of devices that are drawn anew also where an earlier life of this server has heard others:
     * the noise covers one draw of devices, and covers nothing that follows from how many there were.
     *
     * @param draws who is wanted in an attempt, ascending
     * @param acknowledged the mask version that every device holds at the start
     */
    Outcome run(IntFunction<List<Integer>> draws, MaskVersions acknowledged, Attempt attempt) {
        Reliability rule = plan.reliability();
        boolean hidden = plan.robustness().aggregation().changesByNobody();
        int most = !hidden && rule.tooFew() == Reliability.TooFew.REPEAT ? rule.maximumRepeats() : 0;
        MaskVersions holding = acknowledged;
        for (int number = 0;; number++) {
            Optional<List<Integer>> heard = hidden ? Optional.empty() : log.reporters(new RoundLog.Key(MessageKind.TRAIN, round, number));
            Server.Outcome outcome = once(number, heard.orElse(draws.apply(number)), holding, attempt);
            boolean enough = hidden || outcome.reporters().size() >= rule.minimumReporters();
            holding = enough ? outcome.acknowledged() : forgotten(outcome);
            if (enough || number == most) {
                failures.sort(Comparator.comparingInt(DeviceFailure::device));
                return new Outcome(holding, new Participation(List.copyOf(participants), enough ? outcome.reporters() : List.of(), failures,
                        new RoundEffort(number + 1, inVain, simulatedSeconds), tally.rounds()));
            }
        }
    }

    /** Whose work was discarded may have changed its own mask, of which nothing is known here: it gets the mask again. */
    private MaskVersions forgotten(Server.Outcome outcome) {
        inVain.addAll(outcome.reporters());
        tally.discarded(outcome.reporters());
        return outcome.acknowledged().with(outcome.reporters(), CachedMasks.NONE);
    }

    private Server.Outcome once(int number, List<Integer> drawn, MaskVersions acknowledged, Attempt attempt) {
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
        Server.Outcome outcome = attempt.run(number, there.size() > plan.schedule().participants() ? byTime(number, there) : there,
                acknowledged, deadline(slowest));
        failures.addAll(outcome.failures());
        // Who is refused beside the others had answered in time, and a round that has all it wants waits for nobody.
        long heard = outcome.reporters().size() + outcome.failures().stream().filter(failure -> failure.cause() == Cause.OUTLIER).count();
        boolean soon = heard >= Math.min(drawn.size(), plan.closing().target())
                || outcome.failures().stream().anyMatch(failure -> failure.cause() == Cause.RELEASED);
        simulatedSeconds += soon || Double.isInfinite(rule.deadlineSeconds()) ? slowest[0] : rule.deadlineSeconds();
        return outcome;
    }

    /**
     * More devices than are wanted, in the order in which simulated ones would answer: by the time of their computing, and by lot where it
     * is the same.
     */
    private List<Integer> byTime(int number, List<Integer> devices) {
        int[] order = devices.stream().mapToInt(device -> device).toArray();
        RandomStream.of(plan.seed(), "answer-order", round, number).shuffle(order);
        return Arrays.stream(order).boxed().sorted(Comparator.comparingDouble(
                device -> plan.reliability().seconds(plan.seed(), device, deviceFlops.applyAsLong(device), 0))).toList();
    }

    private Deadline deadline(double[] slowest) {
        Reliability rule = plan.reliability();
        return (device, bytesDown, bytesUp) -> {
            tally.answered(device, bytesDown, bytesUp);
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
