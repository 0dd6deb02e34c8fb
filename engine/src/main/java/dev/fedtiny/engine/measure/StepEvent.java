package dev.fedtiny.engine.measure;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A training step. */
@Name("dev.fedtiny.Step")
@Label("Step")
@Category("FedTiny")
@Description("One training step: batch, forward, loss, backward, optimiser")
@StackTrace(false)
final class StepEvent extends Event {
    @Label("Images")
    int images;

    @Label("Rest")
    @Description("Time that belongs to no operator")
    @Timespan(Timespan.NANOSECONDS)
    long rest;

    @Label("Processor Time")
    @Description("Of all threads of the team")
    @Timespan(Timespan.NANOSECONDS)
    long cpu;

    void finish(int count, long restNanos, long cpuNanos) {
        end();
        if (shouldCommit()) {
            images = count;
            rest = restNanos;
            cpu = cpuNanos;
            commit();
        }
    }
}
