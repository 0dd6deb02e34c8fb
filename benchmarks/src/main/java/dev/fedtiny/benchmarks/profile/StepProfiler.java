package dev.fedtiny.benchmarks.profile;

import dev.fedtiny.engine.internal.probe.Bandwidths;
import dev.fedtiny.engine.internal.probe.MultiplyAddRates;
import dev.fedtiny.engine.measure.Energy;
import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.MeterReading;
import dev.fedtiny.engine.measure.ProcessFigures;
import java.util.Map;
import java.util.OptionalDouble;

/** Profiles training steps. */
public final class StepProfiler {
    private StepProfiler() {
    }

    /** Warms up, measures the machine's limits, then the steps. Single-threaded use; holds the session's memory meanwhile. */
    public static StepProfile run(ProfileSetup setup) {
        try (ProfiledStep step = new ProfiledStep(setup)) {
            step.measured(true);
            step.warmUp();
            StepProfile.Roof roof = new StepProfile.Roof(MultiplyAddRates.registersGflops(step.workers),
                    Bandwidths.copyGigabytes(step.workers, Bandwidths.Level.DRAM));
            MeterReading before = step.meter.read();
            Energy energy = Energy.read();
            double[] millis = new double[setup.steps()];
            for (int i = 0; i < millis.length; i++) {
                millis[i] = step.run() / 1e6;
            }
            OptionalDouble joules = Energy.read().joulesSince(energy);
            MeterReading reading = step.meter.read().since(before);
            Map<MemoryCategory, Long> memory = step.ledger().liveByCategory();
            return new StepProfile(setup, reading, StepProfile.ascending(millis), memory, ProcessFigures.collected(), joules, roof);
        }
    }
}
