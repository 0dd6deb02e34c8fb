package dev.fedtiny.method;

import dev.fedtiny.federation.DeviceFailure;
import java.util.List;

/**
 * Who took part in a round.
 *
 * @param participants devices asked, in all attempts together, ascending
 * @param reporters devices whose updates were taken, ascending; none when the round was skipped for want of reporters
 * @param failures devices that dropped out, and why; one entry an attempt and device, by device
 * @param effort attempts, and simulated time
 * @param devices what it was for each device that answered or worked, by device
 */
public record Participation(List<Integer> participants, List<Integer> reporters, List<DeviceFailure> failures, RoundEffort effort,
        List<DeviceRound> devices) {
    /** Keeps its own copies. */
    public Participation {
        participants = List.copyOf(participants);
        reporters = List.copyOf(reporters);
        failures = List.copyOf(failures);
        devices = List.copyOf(devices);
    }
}
