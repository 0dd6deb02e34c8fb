package dev.fedtiny.method;

import dev.fedtiny.federation.DeviceFailure;
import java.util.List;

/**
 * What happened in a round.
 *
 * @param round r
 * @param learningRate of this round
 * @param participants devices asked, ascending
 * @param reporters devices whose updates were averaged, ascending; none when the round was skipped for want of reporters
 * @param failures devices that dropped out, and why; one entry an attempt and device
 * @param effort attempts, and simulated time
 * @param trainLoss mean cross entropy over all samples the reporters trained on, all local epochs; NaN when nobody reported
 * @param costs of the round; traffic by kind of message; FLOPs of all devices that worked, for nothing or not
 * @param dearestDeviceFlops exact FLOPs of the device that had most to do
 * @param density of the model after the round
 * @param layers kept counts after the round, input first
 * @param adjustments what the adjustment did, layer by layer; empty in an ordinary round
 */
public record RoundReport(int round, double learningRate, List<Integer> participants, List<Integer> reporters,
        List<DeviceFailure> failures, RoundEffort effort, double trainLoss, Costs costs, long dearestDeviceFlops, double density,
        List<LayerCount> layers, List<LayerAdjustment> adjustments) {
    /** Keeps its own copies. */
    public RoundReport {
        participants = List.copyOf(participants);
        reporters = List.copyOf(reporters);
        failures = List.copyOf(failures);
        layers = List.copyOf(layers);
        adjustments = List.copyOf(adjustments);
    }
}
