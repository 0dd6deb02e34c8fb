package dev.fedtiny.experiment;

import dev.fedtiny.method.RoundReport;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A communication round, from asking the devices to the new model. */
@Name("dev.fedtiny.Round")
@Label("Round")
@Category("FedTiny")
@Description("A communication round, from asking the devices to the new model")
@StackTrace(false)
final class RoundEvent extends Event {
    @Label("Round")
    @Description("From 1 on")
    int round;

    @Label("Devices That Reported")
    int reporters;

    @Label("Sent Down")
    @DataAmount
    long bytesDown;

    @Label("Sent Up")
    @DataAmount
    long bytesUp;

    @Label("FLOPs")
    @Description("Counted, of all reporters together")
    long flops;

    /** A begun event, or null without a recording. */
    static RoundEvent start() {
        if (!FlightRecorder.isInitialized()) {
            return null;
        }
        RoundEvent event = new RoundEvent();
        event.begin();
        return event;
    }

    /** Ends an event, if there is one. */
    static void finish(RoundEvent event, RoundReport report) {
        if (event != null && event.shouldCommit()) {
            event.round = report.number();
            event.reporters = report.reporters().size();
            event.bytesDown = report.costs().traffic().bytesDown();
            event.bytesUp = report.costs().traffic().bytesUp();
            event.flops = report.costs().flops();
            event.commit();
        }
    }
}
