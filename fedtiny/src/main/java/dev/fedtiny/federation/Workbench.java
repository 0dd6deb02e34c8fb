package dev.fedtiny.federation;

import dev.fedtiny.engine.nn.FormatChoice;
import dev.fedtiny.engine.nn.Handover;
import dev.fedtiny.engine.nn.Mode;
import dev.fedtiny.engine.nn.ModelState;
import dev.fedtiny.engine.nn.Session;
import dev.fedtiny.engine.runtime.Workers;
import java.util.Objects;

/**
 * Where devices do their work: holds at most one session at a time, opened when first needed, kept while mode, batch and network stay,
 * closed when another is needed. One device process has one; a simulation has one a slot, and devices take turns on it. Results do not
 * depend on which bench was used, nor on what was done there before. Not thread-safe.
 */
public final class Workbench implements AutoCloseable {
    private final Workers workers;
    private Session session;

    /** A bench whose sessions run on these workers, which are not closed with it. */
    public Workbench(Workers workers) {
        this.workers = Objects.requireNonNull(workers);
    }

    /** A session that holds this state. Belongs to the bench; valid until the next call. */
    public Session session(ModelState state, Mode mode, int batch) {
        return session(state, mode, batch, Handover.COPIED);
    }

    /** A session that holds this state, whose arrays are handed over as for {@link Session#load(ModelState, Handover)}. */
    public Session session(ModelState state, Mode mode, int batch, Handover handover) {
        if (session != null && session.mode() == mode && session.batch() == batch && session.network() == state.network()) {
            session.load(state, handover);
            session.keepActivations(1);
            return session;
        }
        close();
        session = Session.open(state, mode, batch, workers, FormatChoice.AUTOMATIC, handover);
        return session;
    }

    /**
     * The session's values of a parameter, to be overwritten by those of a state that the next session is asked to hold: what a session held
     * before is of no use to the next request in any case. Null where there is no session.
     */
    float[] lend(int parameter) {
        return session == null ? null : session.values(parameter);
    }

    /** Bytes of the session held, 0 for none. */
    public long bytes() {
        return session == null ? 0 : session.bytes();
    }

    /** Lets go of the session. The bench can be used again. */
    @Override
    public void close() {
        if (session != null) {
            session.close();
            session = null;
        }
    }
}
