package dev.fedtiny.benchmarks.comparison;

import dev.fedtiny.report.Repetitions;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What a method costs a device, counted and measured.
 *
 * @param name of the candidate
 * @param paperFlops its most expensive round by the papers' formula
 * @param paperMemoryBytes parameters and gradients by the paper's formula
 * @param rounds measured, ordinary ones and, where there are any, adjusting ones
 * @param minHeapMiB minimum heap; empty where it was not looked for
 * @param residentBytes peak RSS of its process in a heap of the plan and a fifth more; empty where the system does not say
 */
public record MethodCost(String name, double paperFlops, double paperMemoryBytes, List<Rounds> rounds, OptionalDouble minHeapMiB,
        OptionalDouble residentBytes) {
    /** Keeps its own copy. */
    public MethodCost {
        rounds = List.copyOf(rounds);
    }

    /**
     * Rounds of one kind.
     *
     * @param adjusting whether the mask was adjusted in them
     * @param nanos of the device, ascending
     * @param flops exact count, mean
     * @param bytes both ways, mean
     */
    public record Rounds(boolean adjusting, double[] nanos, double flops, double bytes) {
        /** A time that so many of all do not exceed. */
        public double nanos(double share) {
            return nanos[(int) Math.round(share * (nanos.length - 1))];
        }

        /** Whether so few were measured that their times tell nothing yet, neither by their median nor by their spread. */
        public boolean tooFew() {
            return nanos.length < Repetitions.FOR_QUARTILES;
        }

        /** Interquartile range over the median; empty with too few rounds. */
        public OptionalDouble spread() {
            return tooFew() ? OptionalDouble.empty() : OptionalDouble.of((nanos(0.75) - nanos(0.25)) / nanos(0.5));
        }

        /** Share of another's median time that is saved; empty where one of the two has too few rounds. */
        public OptionalDouble saved(Rounds of) {
            return tooFew() || of.tooFew() ? OptionalDouble.empty() : OptionalDouble.of(1 - nanos(0.5) / of.nanos(0.5));
        }
    }

    /** The kind of round with most FLOPs, of equal ones the slower: what the papers' column of the largest round speaks of. */
    public Rounds costliest() {
        return rounds.stream().max(Comparator.comparingDouble(Rounds::flops).thenComparingDouble(r -> r.nanos(0.5))).orElseThrow();
    }
}
