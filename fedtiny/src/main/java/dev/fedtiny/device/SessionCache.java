package dev.fedtiny.device;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.MemoryLedger;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.ArrayOwnership;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.MemoryEstimate;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.protocol.Measured;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.RoundPhase;
import java.util.Objects;

/**
 * Where devices do their work: holds at most one session at a time, opened when first needed, kept while mode, batch, network and options
 * stay, closed when another is needed. One device process has one; a simulation has one a slot, and devices take turns on it. Results do
 * not depend on which cache was used, nor on what was done there before. Not thread-safe.
 */
public final class SessionCache implements AutoCloseable {
    private final Workers workers;
    /** Null where nothing is measured. */
    private final SessionMeter meter;
    private final long limit;
    private final Cancellation cancellation = new Cancellation();
    private Session session;
    private SessionOptions options;

    /**
     * A cache whose sessions run on these workers, which are not closed with it.
     *
     * @param workers threads of all its sessions
     */
    public SessionCache(Workers workers) {
        this(workers, Metering.OFF);
    }

    /**
     * As {@link #SessionCache(Workers)}; says whether work done here is measured.
     *
     * @param workers threads of all its sessions
     * @param metering whether operators and messages are measured
     */
    public SessionCache(Workers workers, Metering metering) {
        this(workers, metering, Runtime.getRuntime().maxMemory());
    }

    /**
     * The same with a limit of its own, below what this Java may hold.
     *
     * @param workers threads of all its sessions
     * @param metering whether operators and messages are measured
     * @param limit the most bytes of a session
     */
    public SessionCache(Workers workers, Metering metering, long limit) {
        this.limit = limit;
        this.workers = Objects.requireNonNull(workers);
        this.meter = metering == Metering.ON ? new SessionMeter(workers) : null;
    }

    /** {@return what ends the work that is done here before its end} */
    public Cancellation cancellation() {
        return cancellation;
    }

    /** {@return what measures the sessions; null where nothing does} */
    public SessionMeter meter() {
        return meter;
    }

    /** {@return what was measured since this was asked last; nothing where nothing is measured} */
    public Measured takeMeasured() {
        return meter == null ? Measured.NONE : meter.take();
    }

    /**
     * A session that holds this state. Belongs to the cache; valid until the next call.
     *
     * @param state copied into the session
     * @param mode what it is for
     * @param batch largest number of images of a pass
     * @param with the session's options
     * @return the session
     */
    public Session session(ModelState state, Mode mode, int batch, SessionOptions with) {
        return session(state, mode, batch, with, ArrayOwnership.COPIED);
    }

    /**
     * A session of mode TRAINING that holds this state, whose arrays are handed over as for
     * {@link Session#load(ModelState, ArrayOwnership)}.
     *
     * @param state what it holds
     * @param batch largest number of images of a step
     * @param with the session's options
     * @param ownership whether values are copied or become the session's own
     * @return the session; valid until the next call
     * @throws MemoryBudgetException if its arrays alone are more than the heap may ever hold; nothing has been allocated then
     */
    public Session training(ModelState state, int batch, SessionOptions with, ArrayOwnership ownership) {
        return session(state, Mode.TRAINING, batch, with, ownership);
    }

    private Session session(ModelState state, Mode mode, int batch, SessionOptions with, ArrayOwnership ownership) {
        if (session != null && session.mode() == mode && session.batch() == batch && session.network() == state.network()
                && with.equals(options)) {
            load(state, ownership);
            session.keepActivations(1);
        } else {
            close();
            options = with;
            MemoryBudgetException.check(MemoryEstimate.of(state, mode, batch, workers.count(), options), batch, limit);
            session = Session.open(state, mode, batch, workers, options, ownership);
            if (meter != null) {
                session.measure(meter.meter());
            }
        }
        account(mode == Mode.TRAINING ? RoundPhase.TRAINING : RoundPhase.STAGE_ONE);
        return session;
    }

    /** What a load leaves that fails, for want of memory, is of no state and lends nothing. */
    private void load(ModelState state, ArrayOwnership ownership) {
        try {
            session.load(state, ownership);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** A message is about to be made or read. */
    void startMessage() {
        if (meter != null) {
            meter.startMessage();
        }
    }

    /** A message has been made or read. */
    void stopMessage(PassKind pass, byte[] frame) {
        if (meter != null) {
            meter.stopMessage(pass, frame, "");
        }
    }

    /** The same of a message that is not in memory as a whole. */
    void stopMessage(PassKind pass, MessageKind kind, long frameBytes) {
        if (meter != null) {
            meter.stopMessage(pass, kind, frameBytes, "");
        }
    }

    /** What follows belongs to a phase of the round. */
    void enter(RoundPhase phase) {
        if (meter != null) {
            meter.enter(phase);
        }
    }

    /** Looks again at the arrays of the session, which a load or a growth batch changes. */
    void account(RoundPhase phase) {
        if (meter != null) {
            meter.enter(phase);
            meter.holds(session.ledger());
        }
    }

    /** Arrays beside the session's were allocated. */
    void account(MemoryCategory category, long bytes) {
        if (meter != null) {
            meter.adds(category, bytes);
        }
    }

    /** A request is answered, well or not: of what it needed only the session stays. */
    void requestDone() {
        if (meter != null) {
            meter.holdsOnlySession();
        }
    }

    /**
     * The session's values of a parameter, to be overwritten by those of a state that the next session is asked to hold: what a session
     * held before is of no use to the next request in any case. Null where there is no session.
     */
    float[] lend(int parameter) {
        return session == null ? null : session.liveState().values(parameter);
    }

    /** Lets go of the session. The cache can be used again. */
    @Override
    public void close() {
        if (session != null) {
            session.close();
            session = null;
            if (meter != null) {
                meter.holds(new MemoryLedger());
            }
        }
    }
}
