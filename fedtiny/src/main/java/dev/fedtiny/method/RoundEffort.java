package dev.fedtiny.method;

import java.util.List;

/**
 * What it took to get a round done.
 *
 * @param attempts how often devices were asked; 1 unless the round was repeated for want of reporters
 * @param inVain devices whose good updates were not used because too few came, one entry an attempt and device
 * @param simulatedSeconds of all attempts by the simulated speeds: the slowest reporter's time, the deadline where somebody failed
 *        or was late, there is one, and fewer answered than the round wanted; 0 without simulated speeds
 */
public record RoundEffort(int attempts, List<Integer> inVain, double simulatedSeconds) {
    /** Keeps its own copy. */
    public RoundEffort {
        inVain = List.copyOf(inVain);
    }
}
