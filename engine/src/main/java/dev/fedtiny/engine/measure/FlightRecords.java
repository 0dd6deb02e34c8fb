package dev.fedtiny.engine.measure;

import jdk.jfr.FlightRecorder;

/**
 * Whether the flight recorder wants events. Where the JVM has none (module {@code jdk.jfr} left out) or no recording has been started,
 * nothing of it is loaded.
 */
final class FlightRecords {
    private static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent()
            && (!FlightRecords.class.getModule().isNamed()
            || FlightRecords.class.getModule().canRead(ModuleLayer.boot().findModule("jdk.jfr").get()));

    private FlightRecords() {
    }

    /** Event classes are loaded once a recording is there; any object tells whether its kind is wanted. */
    private static final class Wanted {
        private static final OperatorEvent OPERATORS = new OperatorEvent();
        private static final StepEvent STEPS = new StepEvent();
    }

    /** A begun event, or null where none is wanted. */
    static OperatorEvent beginOperator() {
        if (!PRESENT || !FlightRecorder.isInitialized() || !Wanted.OPERATORS.isEnabled()) {
            return null;
        }
        OperatorEvent event = new OperatorEvent();
        event.begin();
        return event;
    }

    /** A begun event, or null where none is wanted. */
    static StepEvent beginStep() {
        if (!PRESENT || !FlightRecorder.isInitialized() || !Wanted.STEPS.isEnabled()) {
            return null;
        }
        StepEvent event = new StepEvent();
        event.begin();
        return event;
    }
}
