package dev.fedtiny.engine.session;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.plan.BandPolicy;
import dev.fedtiny.engine.internal.plan.ParameterArrays;
import dev.fedtiny.engine.measure.MemoryLedger;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.ArrayOwnership;
import dev.fedtiny.engine.model.FiniteCheck;
import dev.fedtiny.engine.model.InputGradient;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.NonFiniteException;

/**
 * A network bound to a batch size, a mode and a workspace; owns the packed, mutable weights. After construction, passes allocate nothing
 * (the first growth batch may enlarge the scratch once). The same state and images give the same bits for any number of threads, any
 * form of the weights that rounds alike ({@link AlgorithmPolicy}) and any kind of kernels.
 *
 * <p>For one thread at a time: a call that overlaps another thread's is refused ({@link IllegalStateException}) and changes nothing.
 * Threads may take turns, and sessions of several threads may share workers, and for inference their weights ({@link #openSharing}). After
 * {@link #close} every method but {@code close} is refused. Values that are no numbers are refused where they are seen first
 * ({@link NonFiniteException}, see {@link FiniteCheck}).
 */
public final class Session extends BackwardPasses implements AutoCloseable {
    private static final int MOST_WARM_UP_PASSES = 1000;

    private final Hold hold = new Hold();
    /** Null from when vector kernels compute. */
    private WarmStart warmStart;

    /** A session kept by the calling thread for several calls; see {@link Session#hold}. */
    public final class Hold implements AutoCloseable {
        private Hold() {
        }

        /**
         * Lets other threads in again, once every hold of this thread is closed.
         *
         * @throws IllegalStateException if the calling thread does not hold the session
         */
        @Override
        public void close() {
            guard.release();
        }
    }

    private Session(SessionCore core) {
        super(core);
    }

    /**
     * A session on the caller's thread alone, formats chosen by density.
     *
     * @param state network, masks and values; copied
     * @param mode what it is for
     * @param batch largest number of images of a pass, at least 1
     * @return the open session
     */
    public static Session open(ModelState state, Mode mode, int batch) {
        return open(state, mode, batch, Workers.of(1), AlgorithmPolicy.AUTOMATIC);
    }

    /**
     * A session on a team of workers (not closed with the session).
     *
     * @param state network, masks and values; copied
     * @param mode what it is for
     * @param batch largest number of images of a pass, at least 1
     * @param workers its threads
     * @param algorithms which algorithm computes each layer
     * @return the open session
     */
    public static Session open(ModelState state, Mode mode, int batch, Workers workers, AlgorithmPolicy algorithms) {
        return open(state, mode, batch, workers, SessionOptions.DEFAULT.withAlgorithms(algorithms));
    }

    /**
     * As {@link #open(ModelState, Mode, int, Workers, AlgorithmPolicy)}; says whether the gradient of the images is wanted too.
     *
     * @param state network, masks and values; copied
     * @param mode what it is for
     * @param batch largest number of images of a pass, at least 1
     * @param workers its threads
     * @param algorithms which algorithm computes each layer
     * @param inputGradient whether backward computes it; TRAINING only
     * @return the open session
     */
    public static Session open(ModelState state, Mode mode, int batch, Workers workers, AlgorithmPolicy algorithms,
            InputGradient inputGradient) {
        return open(state, mode, batch, workers, SessionOptions.DEFAULT.withAlgorithms(algorithms).withInputGradient(inputGradient));
    }

    /**
     * A session with all choices given. What it will hold can be known before: {@link MemoryEstimate}.
     *
     * @param state network, masks and values; copied
     * @param mode what it is for
     * @param batch largest number of images of a pass
     * @param workers its threads; not closed with it
     * @param options all other choices
     * @return the open session
     * @throws IllegalArgumentException if the batch is below 1, or so large that a tensor exceeds what a Java array holds
     */
    public static Session open(ModelState state, Mode mode, int batch, Workers workers, SessionOptions options) {
        return open(state, mode, batch, workers, options, ArrayOwnership.COPIED);
    }

    /**
     * As {@link #open(ModelState, Mode, int, Workers, SessionOptions)}; the state's arrays are handed over as for {@link #load}.
     *
     * @param state network, masks and values
     * @param mode what it is for
     * @param batch largest number of images of a pass
     * @param workers its threads; not closed with it
     * @param options all other choices
     * @param ownership whether values are copied or become the session's own
     * @return the open session
     */
    public static Session open(ModelState state, Mode mode, int batch, Workers workers, SessionOptions options, ArrayOwnership ownership) {
        Given.notNull(state, "session: state", "a model state: of ModelFile.load, Initializer or a method that changes one");
        Given.notNull(mode, "session: mode", "what the session is for: TRAINING, STATISTICS or INFERENCE");
        Given.notNull(workers, "session: workers", "threads to compute with: Workers.of(1) for the caller's alone");
        Given.notNull(options, "session: options", "SessionOptions.DEFAULT, or what is changed of it");
        Given.notNull(ownership, "session: ownership", "COPIED, or TAKEN_OVER where nobody else uses the arrays");
        boolean banded = BandPolicy.bands(state.network(), MemoryEstimate.active(state), mode, batch, workers.count(), options.sharing());
        Session session = new Session(new SessionCore(state.network(), mode, batch, banded, workers, options,
                new ParameterArrays(state.network(), mode == Mode.TRAINING), new SharedWeights()));
        session.load(state, ownership);
        session.warmStart = WarmStart.of(session, mode, batch);
        return session;
    }

    /**
     * Opens a second inference session that computes with this one's weights, packed as they are: any number of threads, each with a
     * session of its own, hold one copy of the weights. Batch and options are this session's.
     *
     * <p>While several sessions share weights nobody can change them: {@link #load} is refused until all but one are closed. It does not
     * matter which one that is. {@link #ledger} counts the weights in the session that was opened first, and only there.
     *
     * @param workers that the new session runs on; not closed with it
     * @return the second session, open
     * @throws IllegalStateException if this session is not for inference, or another thread is inside
     */
    public Session openSharing(Workers workers) {
        Given.notNull(workers, "session: workers", "threads to compute with: Workers.of(1) for the caller's alone");
        guard.enter();
        try {
            if (core.pass.mode != Mode.INFERENCE) {
                throw new IllegalStateException("session: weights are shared by sessions for INFERENCE, which do not change them; this one "
                        + "is for " + core.pass.mode + ": open another one of its state()");
            }
            Session session = new Session(core.twin(workers, core.weights, core.options));
            core.weights.join();
            session.warmStart = WarmStart.of(session, core.pass.mode, core.batch);
            return session;
        } finally {
            guard.exit();
        }
    }

    /** A session of the same weights, which nobody counts, for warming kernels by images that no network need have a finite answer to. */
    Session warmingTwin() {
        Session twin = new Session(core.twin(Workers.of(1), new SharedWeights(), core.options.withFiniteCheck(FiniteCheck.OFF)));
        twin.core.execution.setBlankImages();
        twin.guard.imagesSet(twin.batch());
        return twin;
    }

    /**
     * As {@link #open(ModelState, Mode, int, Workers, AlgorithmPolicy)}; the state's arrays are handed over as for {@link #load}.
     *
     * @param state network, masks and values
     * @param mode what it is for
     * @param batch largest number of images of a pass
     * @param workers its threads; not closed with it
     * @param algorithms which algorithm computes each layer
     * @param ownership whether values are copied or become the session's own
     * @return the open session
     */
    public static Session open(ModelState state, Mode mode, int batch, Workers workers, AlgorithmPolicy algorithms,
            ArrayOwnership ownership) {
        return open(state, mode, batch, workers, SessionOptions.DEFAULT.withAlgorithms(algorithms), ownership);
    }

    /**
     * Measures what this session does from now on; null: nothing any more, which costs nothing. Images, the loss and changes of masks are
     * operators of their own, a batch normalisation belongs to the layer whose output it normalises. A layer that is called as one of
     * these, or as another layer, has a number behind its name. Sessions that share a meter share names: what is called alike is added up.
     *
     * @param meter what counts, for as many threads as the session has; null for none
     * @throws IllegalArgumentException if the meter is for other numbers of threads
     */
    public void measure(Meter meter) {
        guard.enter();
        try {
            core.measure(meter);
        } finally {
            guard.exit();
        }
    }

    /** {@return what measures this session; null where nothing does} */
    public Meter meter() {
        guard.look();
        return core.pass.team.meter;
    }

    /**
     * Keeps other threads out until the answer is closed: for callers whose work is several calls, as a training step is. Allocates
     * nothing; may be nested.
     *
     * @return close it in the same thread, for example by {@code try}; the session's one object for this
     * @throws IllegalStateException if another thread is inside, or the session is closed
     */
    public Hold hold() {
        guard.enter();
        return hold;
    }

    /** {@return the choices it was opened with} */
    public SessionOptions options() {
        guard.look();
        return core.options;
    }

    /** {@return the architecture} */
    public Network network() {
        guard.look();
        return core.network;
    }

    /** {@return what the session is for} */
    public Mode mode() {
        guard.look();
        return core.pass.mode;
    }

    /** {@return the largest number of images a pass takes} */
    public int batch() {
        guard.look();
        return core.batch;
    }

    /**
     * One pass over the first {@code count} images; 1 ≤ count ≤ batch. Where the session's workers are at work for another thread, waits
     * for its turn, as every pass and load does.
     *
     * @param count images, of the first lanes and groups of {@link #input()}
     * @throws IllegalArgumentException if the count is out of range, or if batch statistics would rest on a single value a channel
     * @throws IllegalStateException if fewer images have been set, and nobody has the array of {@link #input()} who may have written them
     * @throws NonFiniteException naming the first layer that gave something else than numbers; running statistics are as before then
     */
    public void forward(int count) {
        guard.enter();
        try {
            core.execution.checkCount(count);
            guard.useImages(count);
            core.workers().acquire();
            long begin = warmStart == null ? 0 : warmStart.begin();
            try {
                core.execution.forward(count);
            } finally {
                core.workers().release();
                if (warmStart != null) {
                    warmStart.end(begin, core.pass.threads());
                    warmStart = WarmStart.isSettled() ? null : warmStart;
                }
            }
        } finally {
            guard.exit();
        }
    }

    /**
     * Waits until this session is about as fast as it will be: until the JVM has compiled what an inference of a full batch runs, for a
     * service that says only then that it is ready. Without it the first answers come at once, from scalar kernels, and faster ones some
     * seconds later, with the same bits. It takes one to some seconds, and for that long the memory of a second session that shares this
     * one's weights.
     *
     * @throws IllegalStateException if the session is not for inference
     * @throws InterruptedException if the calling thread is interrupted while it waits for another one's compiling
     */
    public void warmUp() throws InterruptedException {
        guard.enter();
        try {
            if (core.pass.mode != Mode.INFERENCE) {
                throw new IllegalStateException("session: only sessions for INFERENCE can be warmed up without changing anything, this one "
                        + "is for " + core.pass.mode + "; run some passes instead");
            }
            if (warmStart != null) {
                warmStart.await();
                warmStart = null;
            }
            Session twin = warmingTwin();
            PassTimes times = new PassTimes();
            for (int passes = 0; passes < MOST_WARM_UP_PASSES && !times.steady(); passes++) {
                times.run(twin);
            }
        } finally {
            guard.exit();
        }
    }

    /** {@return the workers every parallel step of this session runs on} */
    public Workers workers() {
        guard.look();
        return core.workers();
    }

    /** {@return how many bytes all arrays take that the session holds} */
    public long bytes() {
        return ledger().live();
    }

    /**
     * {@return bytes of all arrays the session holds, by what they are for, as a new account} Optimiser, top-K buffers and messages are
     * others'.
     */
    public MemoryLedger ledger() {
        guard.enter();
        try {
            return core.ledger();
        } finally {
            guard.exit();
        }
    }

    /**
     * Restarts the stream of dropout masks.
     *
     * @param seed the same seed and images give the same masks, from the next pass on
     */
    public void seedDropout(long seed) {
        guard.enter();
        try {
            core.pass.dropoutSeed = seed;
            core.pass.number = 0;
        } finally {
            guard.exit();
        }
    }

    /** {@return whether it has been closed: then nothing but {@link #close} is taken} */
    public boolean isClosed() {
        return guard.isClosed();
    }

    /**
     * Ends the session; its workers go on. Closed twice is closed.
     *
     * @throws IllegalStateException if another thread is inside
     */
    @Override
    public void close() {
        if (guard.close()) {
            core.weights.leave();
            if (warmStart != null) {
                warmStart.forget();
                warmStart = null;
            }
        }
    }
}
