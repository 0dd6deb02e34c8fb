package dev.fedtiny.method;

import dev.fedtiny.federation.DeviceFailure;
import java.util.List;
import java.util.Optional;

/**
 * What happened in a round.
 *
 * @param round r, from 0 on, as schedules count; everything that is shown or written has {@link #number()}
 * @param learningRate of this round
 * @param participants devices asked, ascending
 * @param reporters devices whose updates were averaged, ascending; none when the round was skipped for want of reporters
 * @param failures devices that dropped out, and why; one entry an attempt and device
 * @param effort attempts, and simulated time
 * @param trainLoss mean cross entropy over all samples the reporters trained on, all local epochs; NaN when nobody reported
 * @param costs of the round; traffic by kind of message; FLOPs of all devices that worked, for nothing or not
 * @param maxDeviceFlops exact FLOPs of the device that had most to do
 * @param density of the model after the round; the mean of the devices' where each has its own
 * @param layers kept counts after the round, input first
 * @param adjustments what the adjustment did, layer by layer; empty in an ordinary round
 * @param figures what only this method has to say; empty for most
 */
public record RoundReport(int round, double learningRate, List<Integer> participants, List<Integer> reporters,
        List<DeviceFailure> failures, RoundEffort effort, double trainLoss, Costs costs, long maxDeviceFlops, double density,
        List<LayerCount> layers, List<LayerAdjustment> adjustments, Optional<RoundFigures> figures) {
    /** Keeps its own copies. */
    public RoundReport {
        participants = List.copyOf(participants);
        reporters = List.copyOf(reporters);
        failures = List.copyOf(failures);
        layers = List.copyOf(layers);
        adjustments = List.copyOf(adjustments);
    }

    /**
     * The same round when the model it came to was not kept: what it cost and who failed stays, its changes are left out.
     *
     * @param keptDensity of the model that stays
     * @param keptLayers of that model
     */
    public RoundReport undone(double keptDensity, List<LayerCount> keptLayers) {
        return new RoundReport(round, learningRate, participants, reporters, failures, effort, trainLoss, costs, maxDeviceFlops,
                keptDensity, keptLayers, List.of(), Optional.empty());
    }

    /** The round as people count, from 1 on: r + 1. */
    public int number() {
        return round + 1;
    }
}
