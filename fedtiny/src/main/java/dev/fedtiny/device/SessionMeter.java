package dev.fedtiny.device;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.MemoryLedger;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.MeterReading;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.Measured;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.RoundPhase;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Measures one session cache: its operators, the messages made and read there, and the bytes of its arrays. Not thread-safe. */
public final class SessionMeter {
    private static final Set<MemoryCategory> BESIDE_SESSIONS =
            EnumSet.of(MemoryCategory.OPTIMIZER, MemoryCategory.TOP_K, MemoryCategory.MESSAGES);

    /** Before the names of messages that a server makes and takes. */
    public static final String SERVER = "server ";
    /** The operator of {@link ProximalTerm}. */
    static final String PROXIMAL = "proximal";
    private static final String MESSAGE = "message";

    private final Meter meter;
    private final MemoryLedger ledger = new MemoryLedger();
    private final Map<RoundPhase, Map<MemoryCategory, Long>> phases = new EnumMap<>(RoundPhase.class);
    private final Map<RoundPhase, Long> phaseBytes = new EnumMap<>(RoundPhase.class);
    private RoundPhase phase = RoundPhase.DECODE;
    private MeterReading last = MeterReading.NONE;

    /**
     * A meter that has measured nothing yet.
     *
     * @param workers threads of the sessions
     */
    public SessionMeter(Workers workers) {
        meter = new Meter(workers);
        // A layer of an embedder's network may be called like one of these.
        meter.reserve(PROXIMAL);
        meter.reserve(MESSAGE);
        for (MessageKind kind : MessageKind.values()) {
            meter.reserve(word(kind));
            meter.reserve(SERVER + word(kind));
        }
    }

    private static String word(MessageKind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    Meter meter() {
        return meter;
    }

    /** What follows belongs to a phase. */
    void enter(RoundPhase next) {
        phase = next;
    }

    /** Arrays beside the session's were allocated. */
    void adds(MemoryCategory category, long bytes) {
        ledger.add(category, bytes);
        look();
    }

    /** Keeps what lives now if it is the most of this phase. */
    private void look() {
        if (ledger.live() > phaseBytes.getOrDefault(phase, -1L)) {
            phaseBytes.put(phase, ledger.live());
            phases.put(phase, ledger.liveByCategory());
        }
    }

    /** Begins with a message, whose kind may not be known yet. */
    public void startMessage() {
        meter.start(meter.operator(MESSAGE));
    }

    /**
     * The message is made or read.
     *
     * @param pass making, or reading
     * @param frame the message's bytes
     * @param prefix of the operator's name: {@link #SERVER} or empty
     */
    public void stopMessage(PassKind pass, byte[] frame, String prefix) {
        stopMessage(pass, Frame.kindOf(frame).orElse(MessageKind.FAILURE), frame.length, prefix);
    }

    /**
     * The same of a message that is not in memory as a whole.
     *
     * @param pass making, or reading
     * @param kind of the message
     * @param frameBytes its length
     * @param prefix of the operator's name
     */
    public void stopMessage(PassKind pass, MessageKind kind, long frameBytes, String prefix) {
        meter.rename(meter.operator(prefix + word(kind)));
        meter.stop(pass, frameBytes);
    }

    /** The cache's session holds just these arrays. */
    void holds(MemoryLedger session) {
        Map<MemoryCategory, Long> bytes = session.liveByCategory();
        bytes.keySet().removeAll(BESIDE_SESSIONS);
        ledger.set(bytes);
        look();
    }

    /** Nothing is held beside the session's arrays. */
    void holdsOnlySession() {
        BESIDE_SESSIONS.forEach(category -> ledger.set(category, 0));
    }

    /** {@return what was measured since this was asked last; peaks begin anew} */
    public Measured take() {
        MeterReading now = meter.read();
        Measured taken = new Measured(now.since(last), ledger.peak(), ledger.peakByCategory(), phases);
        last = now;
        ledger.resetPeak();
        phases.clear();
        phaseBytes.clear();
        return taken;
    }
}
