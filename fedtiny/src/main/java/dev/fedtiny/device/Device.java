package dev.fedtiny.device;

import dev.fedtiny.data.DataException;
import dev.fedtiny.data.Samples;
import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.privacy.PeerIdentity;
import dev.fedtiny.privacy.SumRefusedException;
import dev.fedtiny.protocol.CachedMasks;
import dev.fedtiny.protocol.CandidatePoolMessage;
import dev.fedtiny.protocol.CandidateStatistics;
import dev.fedtiny.protocol.Codec;
import dev.fedtiny.protocol.DeviceMessage;
import dev.fedtiny.protocol.DeviceSettings;
import dev.fedtiny.protocol.Failure;
import dev.fedtiny.protocol.Finish;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.FrameSink;
import dev.fedtiny.protocol.FrameSource;
import dev.fedtiny.protocol.FrameWriter;
import dev.fedtiny.protocol.Hello;
import dev.fedtiny.protocol.MaskedWork;
import dev.fedtiny.protocol.NetworkFingerprint;
import dev.fedtiny.protocol.Platform;
import dev.fedtiny.protocol.ProtocolException;
import dev.fedtiny.protocol.ProtocolException.Fault;
import dev.fedtiny.protocol.Ready;
import dev.fedtiny.protocol.Restore;
import dev.fedtiny.protocol.RoundPhase;
import dev.fedtiny.protocol.SecureRequest;
import dev.fedtiny.protocol.ServerMessage;
import dev.fedtiny.protocol.Train;
import dev.fedtiny.protocol.Update;
import dev.fedtiny.protocol.Welcome;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One device: its private data, the mask it holds, and during stage one the pool. Bytes come in, bytes go out; of the server it
 * knows nothing else. The same code runs in a thread of a simulation and in a process of its own. Between requests it holds a mask (4
 * bytes an active weight) and no values but those that its method's tasks have it hold. Not thread-safe.
 */
public final class Device {
    /** What servers of secure sums are told of numbers that training gave: a server chooses the model, and with it what they would say. */
    private static final String NOT_FINITE = "the work gave numbers that are not finite, or too large to be added up; use a smaller "
            + "learning rate";
    /** And of anything else that may come from the device's samples. */
    private static final String UNTOLD = "the work could not be done; why, this device tells its own application alone";

    private final int number;
    private final Codec codec;
    private final Supplier<? extends Samples> source;
    private final DeviceSettings settings;
    /** As they are in this turn. */
    private Samples data;
    /** Of so many samples as the last turn had. */
    private int[] development = new int[0];
    private int developmentOf;
    private CachedMasks held = CachedMasks.none();
    /** Dense values that it holds for its method; empty where it holds none. */
    private List<float[]> heldValues = List.of();
    private CandidatePoolMessage pool;
    /** Why it does not hold what it should; null where it does. */
    private Failure unrecalled;
    private final SumSecrets secrets;
    private Received received = (_, _) -> { };
    private FailureListener failed = (_, _) -> { };

    /** Is told of every model that the device receives as one that is of use. */
    @FunctionalInterface
    public interface Received {
        /**
         * Called on the thread that works, before it does.
         *
         * @param model only to be read, and only now: its arrays are trained in afterwards
         * @param own how the device makes it its own
         */
        void take(ModelState model, OwnStatistics own);
    }

    /**
     * A device.
     *
     * @param number k, its place in the fleet
     * @param data its private samples
     * @param network the run's
     * @param settings what the device was told once: seed, optimizer, augmentation, sessions
     */
    public Device(int number, Network network, Samples data, DeviceSettings settings) {
        this(number, network, () -> data, settings);
        read();
    }

    /**
     * A device whose samples may be others from turn to turn.
     *
     * @param number k, its number in the fleet
     * @param network what it trains
     * @param source gives its private samples as they are now; asked once a turn
     * @param settings of its work
     */
    public Device(int number, Network network, Supplier<? extends Samples> source, DeviceSettings settings) {
        this(number, network, source, settings, PeerIdentity.NONE);
    }

    /**
     * A device that others know by a lasting key.
     *
     * @param number k, its number in the fleet
     * @param network what it trains
     * @param source gives its private samples as they are now; asked once a turn
     * @param settings of its work
     * @param identity signs its keys of secure sums, and checks those of others
     */
    public Device(int number, Network network, Supplier<? extends Samples> source, DeviceSettings settings, PeerIdentity identity) {
        this.number = number;
        this.secrets = new SumSecrets(number, network, settings.secure(), identity);
        this.codec = new Codec(network, settings.tasks());
        this.source = Objects.requireNonNull(source);
        this.settings = settings;
    }

    /**
     * Says who is told of the models that the device receives: those that it is to train, and the last one where it measures its running
     * statistics. Candidates of stage one are none.
     *
     * @param taker is told from now on
     */
    public void onReceived(Received taker) {
        received = Objects.requireNonNull(taker, "received");
    }

    /**
     * Says who is told of requests that the device cannot do.
     *
     * @param taker is told from now on
     */
    public void onFailed(FailureListener taker) {
        failed = Objects.requireNonNull(taker, "failed");
    }

    private void received(ModelState model, int batch) {
        received.take(model, new OwnStatistics(settings.seed(), number, batch, settings.development()));
    }

    /** The samples of this turn. */
    private void read() {
        Samples now = Objects.requireNonNull(source.get(), "samples");
        int count = now.count();
        if (count < 1) {
            throw new DataException("device " + number + " has " + count + " samples, expected at least 1");
        }
        if (!now.shape().equals(network().input())) {
            throw new DataException("device " + number + " has samples of " + now.shape() + ", the network takes " + network().input());
        }
        if (count != developmentOf) {
            development = settings.development().draw(count, settings.seed(), number).chosen();
            developmentOf = count;
        }
        data = now;
    }

    /**
     * Has a device that was just made hold what it held when it answered last: no work, no answer.
     *
     * @param message a {@link Restore}, or the pool that it was given last
     * @throws IllegalArgumentException if the message leaves nothing to hold
     */
    public void recall(ServerMessage message) {
        switch (message) {
            case Restore restore -> restore(restore);
            case CandidatePoolMessage given -> pool = given;
            case Welcome _, CandidateStatistics _, Train _, SecureRequest _, Finish _ -> throw new IllegalArgumentException("device "
                    + number + " cannot recall " + message.kind() + ", expected what it held");
        }
    }

    /**
     * The same from a frame of unknown origin that comes piece by piece. Where that fails, the next request is answered with the reason.
     *
     * @param header what has come of the frame: {@link Frame#HEADER_BYTES} that announce a possible length
     * @param source gives the rest of it
     * @throws java.io.UncheckedIOException if the source fails
     */
    public void recall(byte[] header, FrameSource source) {
        try {
            recall(codec.decodeRequest(header, source, number, held, poolSize(), _ -> null).message());
        } catch (ProtocolException | IllegalArgumentException e) {
            unrecalled = new Failure(Failure.Cause.BAD_REQUEST, e.getMessage());
        } catch (OutOfMemoryError e) {
            unrecalled = outOfMemory(e);
        }
    }

    private void restore(Restore message) {
        held = new CachedMasks(message.maskVersion(), message.masks());
        heldValues = message.held();
    }

    /** {@return the number k of the device, its place in the fleet} */
    public int number() {
        return number;
    }

    /**
     * Does what a frame asks and answers with a frame. Never throws because of what the frame holds: what cannot be done is answered
     * with a {@link Failure}. Where values may be told in masked sums only, its text says nothing that follows from the samples.
     *
     * @param sessions where to work
     * @param frame the request, of unknown origin
     * @return the answer's frame
     * @throws CancellationException if the sessions' work was called off, or the thread interrupted, between two
     *         batches; the device may hold the request's masks by then
     */
    public byte[] handle(byte[] frame, SessionCache sessions) {
        sessions.cancellation().begin();
        sessions.enter(RoundPhase.DECODE);
        sessions.account(MemoryCategory.MESSAGES, frame.length);
        try {
            DeviceMessage answer = answer(() -> decode(frame, sessions), sessions);
            sessions.enter(RoundPhase.ENCODE);
            sessions.startMessage();
            byte[] encoded = codec.encode(Frame.roundOf(frame), number, answer);
            sessions.stopMessage(PassKind.ENCODE, encoded);
            sessions.account(MemoryCategory.MESSAGES, encoded.length);
            return encoded;
        } finally {
            sessions.requestDone();
        }
    }

    private Codec.Asked decode(byte[] frame, SessionCache sessions) {
        sessions.startMessage();
        Codec.Asked request = codec.decodeRequest(frame, number, held, poolSize());
        sessions.stopMessage(PassKind.DECODE, frame);
        sessions.enter(RoundPhase.TRAINING);
        return request;
    }

    /**
     * The same with frames that come and go piece by piece, so that neither request nor answer is ever in memory as a whole. Where the
     * request ends before it is whole, this device holds what it held before.
     *
     * @param header what has come of the request: {@link Frame#HEADER_BYTES} that announce a possible length
     * @param source gives the rest of it
     * @param sink takes the answer
     * @param sessions where to work
     * @throws java.io.UncheckedIOException if source or sink fails
     * @throws CancellationException as the other
     */
    public void handle(byte[] header, FrameSource source, FrameSink sink, SessionCache sessions) {
        sessions.cancellation().begin();
        sessions.enter(RoundPhase.DECODE);
        sessions.account(MemoryCategory.MESSAGES, FrameWriter.WINDOW_BYTES);
        try {
            DeviceMessage answer = answer(() -> decode(header, source, sessions), sessions);
            sessions.enter(RoundPhase.ENCODE);
            sessions.startMessage();
            // Looks at what lives while the answer goes out through a window of its own.
            sessions.account(MemoryCategory.MESSAGES, FrameWriter.WINDOW_BYTES);
            codec.encode(Frame.roundOf(header), number, answer, sink);
            sessions.stopMessage(PassKind.ENCODE, answer.kind(), codec.frameBytes(answer));
        } finally {
            sessions.requestDone();
        }
    }

    private Codec.Asked decode(byte[] header, FrameSource source, SessionCache sessions) {
        sessions.startMessage();
        Codec.Asked request = codec.decodeRequest(header, source, number, held, poolSize(), sessions::lend);
        sessions.stopMessage(PassKind.DECODE, request.message().kind(),
                Frame.OVERHEAD_BYTES + (long) Frame.payloadBytes(header, Frame.MAXIMUM_PAYLOAD_BYTES).orElseThrow());
        sessions.enter(RoundPhase.TRAINING);
        return request;
    }

    private int poolSize() {
        return pool == null ? 0 : pool.counts().size();
    }

    /** Stage one on this turn's samples. */
    private CandidateScoring candidates() {
        return new CandidateScoring(number, settings, data, development);
    }

    private DeviceMessage answer(Supplier<Codec.Asked> request, SessionCache sessions) {
        if (unrecalled != null) {
            // Read to its end, and not done.
            attempted(request, _ -> unrecalled, sessions);
            return unrecalled;
        }
        return attempted(request, asked -> answer(asked, sessions), sessions);
    }

    private DeviceMessage attempted(Supplier<Codec.Asked> request, Function<Codec.Asked, DeviceMessage> work, SessionCache sessions) {
        try {
            return work.apply(request.get());
        } catch (UncheckedIOException | CancellationException e) {
            throw e;
        } catch (ProtocolException e) {
            return failed(Failure.Cause.BAD_REQUEST, e.getMessage(), e);
        } catch (ArithmeticException e) {
            return failed(Failure.Cause.NOT_FINITE, secrets.required() ? NOT_FINITE : e.getMessage(), e);
        } catch (MemoryBudgetException e) {
            return failed(Failure.Cause.OUT_OF_MEMORY, e.getMessage(), e);
        } catch (SumRefusedException e) {
            return failed(Failure.Cause.OTHER, e.getMessage(), e);
        } catch (RuntimeException e) {
            return failed(Failure.Cause.OTHER, secrets.required() ? UNTOLD : String.valueOf(e.getMessage()), e);
        } catch (OutOfMemoryError e) {
            sessions.close();
            pool = null;
            Failure told = outOfMemory(e);
            failed.failed(told, e);
            return told;
        }
    }

    private Failure failed(Failure.Cause cause, String text, RuntimeException e) {
        Failure told = new Failure(cause, text);
        failed.failed(told, e);
        return told;
    }

    private static Failure outOfMemory(OutOfMemoryError e) {
        return new Failure(Failure.Cause.OUT_OF_MEMORY, e.getMessage() + ", the limit is " + Runtime.getRuntime().maxMemory() / 1024
                + " KiB; give the device more memory, or use a smaller batch");
    }

    private DeviceMessage answer(Codec.Asked request, SessionCache sessions) {
        if (!(request.message() instanceof Restore) && !(request.message() instanceof Finish)) {
            read();
        }
        if (request.message() instanceof MaskedWork) {
            secrets.refuseOpen(request.message().kind().toString());
        }
        return answer(request.message(), request.round(), sessions);
    }

    private DeviceMessage answer(ServerMessage request, int round, SessionCache sessions) {
        return switch (request) {
            case Welcome message -> welcome(message);
            case Restore message -> {
                restore(message);
                yield new Ready(held.version());
            }
            case CandidatePoolMessage message -> {
                pool = message;
                if (round != Frame.NO_ROUND) {
                    received(message.union(), message.batch());
                }
                yield message.task() == CandidatePoolMessage.Task.RECALIBRATE ? candidates().recalibrate(pool, sessions)
                        : candidates().evaluate(pool, Optional.empty(), sessions);
            }
            case CandidateStatistics message -> candidates().evaluate(pool, Optional.of(message.candidates()), sessions);
            case Train message -> {
                pool = null;
                message.masks().ifPresent(masks -> held = new CachedMasks(message.maskVersion(), masks));
                yield train(message, round, sessions);
            }
            case SecureRequest message -> secrets.answer(message, work -> answer((ServerMessage) work, round, sessions));
            case Finish _ -> {
                secrets.forget();
                pool = null;
                held = CachedMasks.none();
                heldValues = List.of();
                yield new Ready(held.version());
            }
        };
    }

    private Update train(Train message, int round, SessionCache sessions) {
        if (message.task() instanceof DeviceTask task) {
            received(ModelState.of(network(), held.masks(), message.values()), message.batch());
            return task.run(new LocalJob(this, message, round, sessions));
        }
        throw new ProtocolException(Fault.CONTENT, "task '" + message.task().kind().name() + "' is none that a device can do: "
                + message.task().getClass().getName() + " does not implement " + DeviceTask.class.getName());
    }

    Network network() {
        return codec.network();
    }

    Samples data() {
        return data;
    }

    DeviceSettings settings() {
        return settings;
    }

    int[] development() {
        return development;
    }

    CachedMasks held() {
        return held;
    }

    void holdMasks(List<Mask> masks) {
        held = new CachedMasks(held.version(), masks);
    }

    List<float[]> heldValues() {
        return heldValues;
    }

    /** Whether the server may know no more than sums of what devices tell. */
    boolean tellsSumsOnly() {
        return secrets.required();
    }

    void keepGradients(Map<Integer, float[]> dense) {
        secrets.keep(dense);
    }

    void holdValues(List<float[]> values) {
        heldValues = List.copyOf(values);
    }

    private Hello welcome(Welcome message) {
        long fingerprint = NetworkFingerprint.of(codec.network());
        if (message.networkFingerprint() != fingerprint) {
            throw new ProtocolException(Fault.CONTENT, "the server has another network (fingerprint "
                    + Long.toHexString(message.networkFingerprint()) + ", here " + Long.toHexString(fingerprint)
                    + "); give server and device the same configuration");
        }
        return new Hello(fingerprint, Platform.here(), data.count(), development.length);
    }
}
