package dev.fedtiny.federation;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.MemoryLedger;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.MeterReading;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.runtime.Workers;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Measures one workbench: its operators, the messages made and read there, and the bytes of its arrays. Not thread-safe. */
final class BenchMeter {
    private static final Set<MemoryCategory> BESIDE_SESSIONS =
            EnumSet.of(MemoryCategory.OPTIMIZER, MemoryCategory.TOP_K, MemoryCategory.MESSAGES);

    private final Meter meter;
    private final MemoryLedger ledger = new MemoryLedger();
    private MeterReading last = MeterReading.NONE;

    BenchMeter(Workers workers) {
        meter = new Meter(workers);
    }

    Meter meter() {
        return meter;
    }

    MemoryLedger ledger() {
        return ledger;
    }

    /** Begins with a message, whose kind may not be known yet. */
    void startMessage() {
        meter.start(meter.operator("message"));
    }

    /** The message is made or read. */
    void stopMessage(PassKind pass, byte[] frame, String prefix) {
        String kind = Frame.kindOf(frame).orElse(MessageKind.FAILURE).name().toLowerCase(Locale.ROOT);
        meter.rename(meter.operator(prefix + kind));
        meter.stop(pass, frame.length);
    }

    /** The bench's session holds just these arrays. */
    void holds(MemoryLedger session) {
        Map<MemoryCategory, Long> bytes = session.liveByCategory();
        bytes.keySet().removeAll(BESIDE_SESSIONS);
        ledger.set(bytes);
    }

    /** Nothing is held beside the session's arrays. */
    void holdsOnlySession() {
        BESIDE_SESSIONS.forEach(category -> ledger.set(category, 0));
    }

    /** What was measured since this was asked last; peaks begin anew. */
    Measured take() {
        MeterReading now = meter.read();
        Measured taken = new Measured(now.since(last), ledger.peak(), ledger.peakByCategory());
        last = now;
        ledger.resetPeak();
        return taken;
    }
}
