package dev.fedtiny.method;

import dev.fedtiny.federation.DeviceFailure;
import java.util.List;
import java.util.Optional;

/**
 * What happened in a round.
 *
 * @param round r, from 0 on, as schedules count; everything that is shown or written has {@link #number()}
 * @param learningRate of this round
 * @param participation who took part
 * @param trainLoss mean cross entropy over all samples the reporters trained on, all local epochs; NaN when nobody reported
 * @param costs of the round; traffic by kind of message; FLOPs of all devices that worked, for nothing or not
 * @param maxDeviceFlops exact FLOPs of the device that had most to do, all its attempts
 * @param model what it came to
 * @param figures what only this method has to say; empty for most
 */
public record RoundReport(int round, double learningRate, Participation participation, double trainLoss, Costs costs, long maxDeviceFlops,
        Model model, Optional<RoundFigures> figures) {
    /**
     * The model after a round.
     *
     * @param density of the model; the mean of the devices' where each has its own
     * @param layers active counts, input first
     * @param adjustments what the adjustment did, layer by layer; empty in an ordinary round
     */
    public record Model(double density, List<LayerCount> layers, List<LayerAdjustment> adjustments) {
        /** Keeps its own copies. */
        public Model {
            layers = List.copyOf(layers);
            adjustments = List.copyOf(adjustments);
        }
    }

    /**
     * The same round when the model it came to was thrown away: what it cost and who failed stays, its changes are left out.
     *
     * @param density of the model that stays
     * @param layers of that model
     * @return a report of the same round
     */
    public RoundReport undone(double density, List<LayerCount> layers) {
        return new RoundReport(round, learningRate, participation, trainLoss, costs, maxDeviceFlops, new Model(density, layers, List.of()),
                Optional.empty());
    }

    /** {@return the round as people count, from 1 on: r + 1} */
    public int number() {
        return round + 1;
    }

    /** {@return {@link Participation#participants}} */
    public List<Integer> participants() {
        return participation.participants();
    }

    /** {@return {@link Participation#reporters}} */
    public List<Integer> reporters() {
        return participation.reporters();
    }

    /** {@return {@link Participation#failures}} */
    public List<DeviceFailure> failures() {
        return participation.failures();
    }

    /** {@return {@link Participation#devices}} */
    public List<DeviceRound> devices() {
        return participation.devices();
    }

    /** {@return {@link Participation#effort}} */
    public RoundEffort effort() {
        return participation.effort();
    }

    /** {@return {@link Model#density}} */
    public double density() {
        return model.density();
    }

    /** {@return {@link Model#layers}} */
    public List<LayerCount> layers() {
        return model.layers();
    }

    /** {@return {@link Model#adjustments}} */
    public List<LayerAdjustment> adjustments() {
        return model.adjustments();
    }
}
