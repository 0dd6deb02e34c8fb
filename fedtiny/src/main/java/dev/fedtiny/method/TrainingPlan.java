package dev.fedtiny.method;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.train.LearningRateSchedule;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.federation.Robustness;
import dev.fedtiny.protocol.DeviceSettings;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * What every method of a comparison has in common.
 *
 * @param network the architecture
 * @param seed the run's one seed
 * @param zeroGamma whether residual branches start switched off
 * @param rounds R
 * @param participants devices asked in a round, a seeded sample without replacement; at least K: all of them
 * @param epochs E, local epochs of a round
 * @param batch B, images of a local step, last partial batch kept
 * @param optimizer of pretraining and local training, fresh in every round
 * @param schedule learning rate of every round
 * @param augmentation of local training and pretraining
 * @param pretraining of the dense model on the public set
 * @param reliability how devices fail in a simulation
 * @param sessions what devices open sessions with
 * @param robustness bounds on what devices answer, and how the server puts it together
 */
public record TrainingPlan(Network network, long seed, boolean zeroGamma, int rounds, int participants, int epochs, int batch,
        Optimizer optimizer, LearningRateSchedule schedule, Augmentation augmentation, PretrainingPlan pretraining,
        Reliability reliability, SessionOptions sessions, Robustness robustness) {
    /** A plan in which no failures are simulated and sessions are the usual ones. */
    public TrainingPlan(Network network, long seed, boolean zeroGamma, int rounds, int participants, int epochs, int batch,
            Optimizer optimizer, LearningRateSchedule schedule, Augmentation augmentation, PretrainingPlan pretraining) {
        this(network, seed, zeroGamma, rounds, participants, epochs, batch, optimizer, schedule, augmentation, pretraining,
                Reliability.PERFECT, SessionOptions.DEFAULT);
    }

    /** A plan with the usual bounds on what devices answer. */
    public TrainingPlan(Network network, long seed, boolean zeroGamma, int rounds, int participants, int epochs, int batch,
            Optimizer optimizer, LearningRateSchedule schedule, Augmentation augmentation, PretrainingPlan pretraining,
            Reliability reliability, SessionOptions sessions) {
        this(network, seed, zeroGamma, rounds, participants, epochs, batch, optimizer, schedule, augmentation, pretraining,
                reliability, sessions, Robustness.USUAL);
    }

    /** Checks the ranges. */
    public TrainingPlan {
        Objects.requireNonNull(network, "network");
        Objects.requireNonNull(optimizer, "optimizer");
        Objects.requireNonNull(schedule, "schedule");
        Objects.requireNonNull(augmentation, "augmentation");
        Objects.requireNonNull(pretraining, "pretraining");
        Objects.requireNonNull(reliability, "reliability");
        Objects.requireNonNull(sessions, "sessions");
        Objects.requireNonNull(robustness, "robustness");
        if (rounds < 1 || participants < 1 || epochs < 1 || batch < 1) {
            throw new IllegalArgumentException("plan: rounds " + rounds + ", participants " + participants + ", epochs " + epochs
                    + " and batch " + batch + " must be at least 1");
        }
    }

    /** The same plan with simulated failures. */
    public TrainingPlan withReliability(Reliability other) {
        return new TrainingPlan(network, seed, zeroGamma, rounds, participants, epochs, batch, optimizer, schedule, augmentation,
                pretraining, other, sessions, robustness);
    }

    /** The same plan with other bounds on what devices answer. */
    public TrainingPlan withRobustness(Robustness other) {
        return new TrainingPlan(network, seed, zeroGamma, rounds, participants, epochs, batch, optimizer, schedule, augmentation,
                pretraining, reliability, sessions, other);
    }

    /**
     * Devices asked in a round: a seeded sample without replacement, ascending; all of them when so many are wanted.
     *
     * @param devices K
     */
    public List<Integer> participants(int devices, int round) {
        return participants(devices, round, 0);
    }

    /** Devices asked when a round is attempted again, from 1 on; 0 is the first attempt. */
    List<Integer> participants(int devices, int round, int attempt) {
        return sample(devices, participants, () -> attempt == 0 ? RandomStream.of(seed, "participants", round)
                : RandomStream.of(seed, "participants", round, attempt));
    }

    /** Numbers of some devices, drawn without replacement, ascending; of all where so many are wanted. */
    static List<Integer> sample(int devices, int wanted, Supplier<RandomStream> stream) {
        int[] order = new int[devices];
        Arrays.setAll(order, i -> i);
        if (wanted < devices) {
            stream.get().shuffle(order);
            order = Arrays.copyOf(order, wanted);
            Arrays.sort(order);
        }
        return Arrays.stream(order).boxed().toList();
    }

    /** The learning rate of a round, from 0 on. */
    public double learningRate(int round) {
        return schedule.at(round, rounds);
    }

    /** What the server opens sessions with: as devices do, but maps are kept in single precision. */
    public SessionOptions serverSessions() {
        return SessionOptions.DEFAULT.withAlgorithms(sessions.algorithms());
    }

    /** What devices are told once: a tenth of their samples, at least one batch, is development data. */
    public DeviceSettings deviceSettings() {
        return new DeviceSettings(seed, optimizer, augmentation, DevelopmentSplit.usual(batch), sessions, Methods.tasks());
    }
}
