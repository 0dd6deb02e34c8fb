package dev.fedtiny.benchmarks.profile;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.MeterReading;
import dev.fedtiny.engine.measure.OperatorCost;
import dev.fedtiny.engine.measure.ProcessFigures;
import dev.fedtiny.report.Repetitions;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What some steps came to.
 *
 * @param setup what was profiled
 * @param reading the meter's figures over all steps
 * @param stepMillis wall time of each step, ascending
 * @param memory bytes by category, of session, optimiser and top-K buffers
 * @param process figures of the process after the steps and a full collection
 * @param joules the machine's processor packages used meanwhile; absent where the system does not tell
 * @param roof what this machine can do
 */
public record StepProfile(ProfileSetup setup, MeterReading reading, double[] stepMillis, Map<MemoryCategory, Long> memory,
        ProcessFigures process, OptionalDouble joules, Roof roof) {
    /**
     * The machine's limits, measured in the same process with the same number of threads.
     *
     * @param gflops 10⁹ floating-point operations a second in registers
     * @param gigabytes 10⁹ bytes a second copied in memory, read and written bytes counted once each
     */
    public record Roof(double gflops, double gigabytes) {
        /** The least nanoseconds that useful work and traffic of an operator take: the larger of both. */
        public double nanos(OperatorCost cost) {
            return Math.max(2.0 * cost.usefulMacs() / gflops, cost.trafficBytes() / gigabytes);
        }
    }

    /** A wall time of a step that {@code share} of all do not exceed. */
    public double millis(double share) {
        return stepMillis[(int) Math.round(share * (stepMillis.length - 1))];
    }

    /** Interquartile range of the steps' times over their median; empty with too few steps. */
    public OptionalDouble spread() {
        return stepMillis.length < Repetitions.FOR_QUARTILES ? OptionalDouble.empty()
                : OptionalDouble.of((millis(0.75) - millis(0.25)) / millis(0.5));
    }

    /** Whether there are enough steps for a 10th and a 90th percentile. */
    public boolean hasPercentiles() {
        return stepMillis.length >= Repetitions.FOR_PERCENTILES;
    }

    /** All bytes. */
    public long memoryBytes() {
        return memory.values().stream().mapToLong(bytes -> bytes).sum();
    }

    /** Ascending copies of step times. */
    static double[] ascending(double[] millis) {
        double[] sorted = millis.clone();
        Arrays.sort(sorted);
        return sorted;
    }
}
