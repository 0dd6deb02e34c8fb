package dev.fedtiny.experiment;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Tells how long the runs of a sweep will still take that nodes work on at the same time: all that is left shared out among the slots there
 * are, and no less than the longest run, which nobody can help with. Not thread-safe.
 */
final class SweepPace {
    private final Pace pace = new Pace();
    /** By number of the run; of runs that have not ended. */
    private final Map<Integer, List<Pace.Step>> left = new LinkedHashMap<>();
    /** Numbers of runs of whose steps nothing is known before a node tells. */
    private final Set<Integer> unforeseen = new HashSet<>();

    /** A run that is to be done, and its steps. */
    void planned(int number, List<Pace.Step> steps) {
        left.put(number, steps);
    }

    /** A run that is to be done, of which nothing can be said. */
    void unforeseen(int number) {
        unforeseen.add(number);
    }

    /** A run has come further. */
    void advanced(int number, SliceTimes times) {
        unforeseen.remove(number);
        times.done().forEach(one -> pace.measured(one.step(), one.seconds()));
        left.put(number, times.left());
    }

    void ended(int number) {
        left.remove(number);
        unforeseen.remove(number);
    }

    /** Seconds, with so many slots; empty where nothing is left, or something of which nothing can be said yet. */
    OptionalDouble seconds(int slots) {
        List<Pace.Step> all = new ArrayList<>();
        double longest = 0;
        for (List<Pace.Step> steps : left.values()) {
            OptionalDouble one = pace.seconds(steps);
            if (one.isEmpty()) {
                return one;
            }
            longest = Math.max(longest, one.getAsDouble());
            all.addAll(steps);
        }
        return all.isEmpty() || !unforeseen.isEmpty() ? OptionalDouble.empty()
                : OptionalDouble.of(Math.max(longest, pace.seconds(all).orElseThrow() / Math.max(1, slots)));
    }
}
