package dev.fedtiny.experiment;

import dev.fedtiny.engine.measure.Energy;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.OptionalDouble;

/**
 * What this process and its machine spend beside counted work, from {@link #begin} on.
 *
 * @param energy the counters then
 * @param compilationMillis the compiler's time until then; negative where the virtual machine does not tell
 */
record Expense(Energy energy, long compilationMillis) {
    /**
     * What was spent.
     *
     * @param joules of the whole machine's processors; empty where the system does not tell
     * @param compilationSeconds of the compiler's threads together; empty where the virtual machine does not tell
     */
    record Spent(OptionalDouble joules, OptionalDouble compilationSeconds) {
    }

    static Expense begin() {
        return new Expense(Energy.read(), compilation());
    }

    Spent end() {
        long now = compilation();
        return new Spent(Energy.read().joulesSince(energy), compilationMillis < 0 || now < 0 ? OptionalDouble.empty()
                : OptionalDouble.of((now - compilationMillis) / 1e3));
    }

    private static long compilation() {
        CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
        return compiler != null && compiler.isCompilationTimeMonitoringSupported() ? compiler.getTotalCompilationTime() : -1;
    }
}
