package dev.fedtiny.method;

import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.Closing;
import dev.fedtiny.federation.DeviceClasses;
import dev.fedtiny.federation.Robustness;
import dev.fedtiny.privacy.GaussianMechanism;
import dev.fedtiny.protocol.DeviceSettings;
import dev.fedtiny.protocol.Orders;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What every method of a comparison has in common.
 *
 * @param network the architecture
 * @param seed the run's one seed
 * @param schedule of the rounds
 * @param local how devices train
 * @param pretraining of the dense model on the public set
 * @param reliability how devices fail in a simulation
 * @param robustness bounds on what devices answer, and how the server puts it together
 * @param privacy what is hidden of devices
 */
public record TrainingPlan(Network network, long seed, RoundSchedule schedule, LocalPlan local, PretrainingPlan pretraining,
        Reliability reliability, Robustness robustness, Privacy privacy) {
    /**
     * A plan in which nothing is hidden of devices.
     *
     * @param network the architecture
     * @param seed the run's one seed
     * @param schedule of the rounds
     * @param local how devices train
     * @param pretraining of the dense model on the public set
     * @param reliability how devices fail in a simulation
     * @param robustness bounds on what devices answer, and how the server puts it together
     */
    public TrainingPlan(Network network, long seed, RoundSchedule schedule, LocalPlan local, PretrainingPlan pretraining,
            Reliability reliability, Robustness robustness) {
        this(network, seed, schedule, local, pretraining, reliability, robustness, Privacy.NONE);
    }

    /**
     * A plan in which no failures are simulated, with the usual bounds on what devices answer.
     *
     * @param network the architecture
     * @param seed the run's one seed
     * @param schedule of the rounds
     * @param local how devices train
     * @param pretraining of the dense model on the public set
     */
    public TrainingPlan(Network network, long seed, RoundSchedule schedule, LocalPlan local, PretrainingPlan pretraining) {
        this(network, seed, schedule, local, pretraining, Reliability.PERFECT, Robustness.USUAL);
    }

    /** Checks that nothing is missing. */
    public TrainingPlan {
        Objects.requireNonNull(network, "network");
        Objects.requireNonNull(schedule, "schedule");
        Objects.requireNonNull(local, "local");
        Objects.requireNonNull(pretraining, "pretraining");
        Objects.requireNonNull(reliability, "reliability");
        Objects.requireNonNull(robustness, "robustness");
        privacy.check(robustness);
    }

    /**
     * The same plan with simulated failures.
     *
     * @param other how devices fail
     * @return a copy
     */
    public TrainingPlan withReliability(Reliability other) {
        return new TrainingPlan(network, seed, schedule, local, pretraining, other, robustness, privacy);
    }

    /**
     * The same plan with other bounds on what devices answer.
     *
     * @param other the bounds
     * @return a copy
     */
    public TrainingPlan withRobustness(Robustness other) {
        return new TrainingPlan(network, seed, schedule, local, pretraining, reliability, other, privacy);
    }

    /**
     * The same plan with something hidden of devices.
     *
     * @param other what is
     * @return a copy
     * @throws IllegalArgumentException if updates cannot be put together then
     */
    public TrainingPlan withPrivacy(Privacy other) {
        return new TrainingPlan(network, seed, schedule, local, pretraining, reliability, robustness, other);
    }

    /**
     * The same plan with another step of the server.
     *
     * @param server how the server takes what was put together; empty: as it is
     * @return a copy
     */
    public TrainingPlan withServer(Optional<ServerOptimizer> server) {
        return new TrainingPlan(network, seed, schedule.withServer(server), local, pretraining, reliability, robustness, privacy);
    }

    /** {@return clip and noise of differential privacy; empty: none} */
    public Optional<GaussianMechanism> noise() {
        return robustness.aggregation() instanceof Aggregation.PrivateMean rule ? Optional.of(rule.mechanism()) : Optional.empty();
    }

    /** When a round is over; under differential privacy nobody is let go because others were sooner. */
    Closing closing() {
        return noise().isPresent() ? Closing.ofAll(schedule.within()) : schedule.closing();
    }

    /**
     * The same plan with devices that hold parts of the model.
     *
     * @param classes how much of it
     * @return a copy
     */
    public TrainingPlan withClasses(DeviceClasses classes) {
        return new TrainingPlan(network, seed, schedule, local.with(classes), pretraining, reliability, robustness, privacy);
    }

    /** {@return the number of rounds R} */
    public int rounds() {
        return schedule.rounds();
    }

    /**
     * The learning rate of a round, from 0 on.
     *
     * @param round r, from 0, below R
     * @return above 0
     */
    public double learningRate(int round) {
        return schedule.learningRate().at(round, rounds());
    }

    /** {@return the local epochs E} */
    public int epochs() {
        return local.epochs();
    }

    /** {@return the images B of a local step} */
    public int batch() {
        return local.batch();
    }

    /** {@return the dense model before any training} */
    public ModelState untrained() {
        return pretraining.initial().of(network, seed);
    }

    /**
     * Devices asked in a round: a seeded sample of the roster without replacement, ascending; all of them when so many are wanted.
     *
     * @param roster devices that may be asked, ascending
     * @param round r, from 0
     * @param attempt 0, or from 1 on when the round is attempted again
     */
    List<Integer> participants(List<Integer> roster, int round, int attempt) {
        if (noise().isPresent()) {
            // Who takes part must be a secret that does not follow from the seed.
            return roster.stream().filter(_ -> noise().get().drawn()).toList();
        }
        return sample(roster, schedule.asked(), () -> attempt == 0 ? RandomStream.of(seed, "participants", round)
                : RandomStream.of(seed, "participants", round, attempt));
    }

    /** Some devices of a roster, drawn without replacement, ascending; all where so many are wanted. */
    static List<Integer> sample(List<Integer> roster, int wanted, Supplier<RandomStream> stream) {
        if (wanted >= roster.size()) {
            return roster;
        }
        int[] order = roster.stream().mapToInt(device -> device).toArray();
        stream.get().shuffle(order);
        return Arrays.stream(order, 0, wanted).sorted().boxed().toList();
    }

    /** {@return what the server opens sessions with: as devices do, but activations are kept in single precision} */
    public SessionOptions serverSessions() {
        return SessionOptions.DEFAULT.withAlgorithms(local.sessions().algorithms());
    }

    /**
     * {@return what devices are told once: seed, optimizer, augmentation, sessions; a tenth of their samples, at least one batch, is
     * development data}
     */
    public DeviceSettings deviceSettings() {
        return new DeviceSettings(seed, local.optimizer(), local.augmentation(), DevelopmentSplit.usual(batch()), local.sessions(),
                new Orders(Methods.tasks(), privacy.secure()), local.proximal(), local.growthBatch());
    }
}
