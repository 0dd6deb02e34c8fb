package dev.fedtiny.network.device;

import dev.fedtiny.data.DataException;
import dev.fedtiny.data.Normalization;
import dev.fedtiny.data.Samples;
import dev.fedtiny.device.Device;
import dev.fedtiny.device.FailureListener;
import dev.fedtiny.device.OwnStatistics;
import dev.fedtiny.device.SessionCache;
import dev.fedtiny.engine.io.IoProblem;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.federation.Capacity;
import dev.fedtiny.method.Methods;
import dev.fedtiny.network.DeviceKey;
import dev.fedtiny.network.Fingerprint;
import dev.fedtiny.protocol.DeviceToken;
import dev.fedtiny.protocol.ProtocolException;
import dev.fedtiny.protocol.SessionTerms;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;

/**
 * One device of a federation, for an application that holds data which must not leave it. It connects outward, asks for work and does it on
 * one thread, the caller's of {@link #run}; what leaves it are the messages of the protocol, and no sample. Lines that break and servers
 * that are started again are waited for. One session is held at a time; neither a request nor an answer is ever in memory as a whole.
 */
public final class FederatedDevice implements AutoCloseable {
    private final AnswerSpool spool;
    private final ScheduledExecutorService beats =
            Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("fedtiny-beat").factory());
    private final Workers workers = Workers.of(1);
    private final OwnSamples samples;
    private final ServerLink link;
    private final TurnLoop loop;
    private final Optional<KeptModel> kept;
    private final Optional<Path> keys;
    private final Optional<Path> models;
    private final long heapBytes;
    private final PeerKeys peers;
    private final Consumer<String> notes;
    private final boolean onlyMasked;
    private SessionCache sessions;
    private final Object ending = new Object();
    /** Guarded, as what follows, by {@code ending}. */
    private Thread running;
    private boolean closed;

    private FederatedDevice(Joining joining) throws IOException {
        Objects.requireNonNull(joining.data, "data: say what the device trains on");
        this.link = new ServerLink(joining.server, joining.trust, joining.identity);
        this.onlyMasked = joining.onlyMasked;
        DeviceKey key = joining.keys == null ? DeviceKey.generate() : DeviceKey.openOrCreate(joining.keys);
        this.keys = Optional.ofNullable(joining.keys);
        this.models = Optional.ofNullable(joining.keep);
        this.kept = joining.keep == null ? Optional.empty() : Optional.of(new KeptModel(joining.keep));
        this.heapBytes = joining.heapBytes;
        this.samples = new OwnSamples(joining.data, new Capacity(joining.deviceClass, OptionalLong.of(heapBytes)));
        this.notes = joining.notes;
        this.peers = new PeerKeys(key, joining.peers);
        this.spool = new AnswerSpool(joining.folder);
        this.loop = new TurnLoop(new LinkSession(link, key, joining.token, samples, joining.patience, notes), spool, beats, joining.when,
                joining.onTurn, notes, this::worker);
    }

    /**
     * A device of a server, to be completed.
     *
     * @param server as {@code https://host:port}
     * @param token for the first time; empty where the device is enrolled already
     * @return what else there is to say
     */
    public static Joining join(URI server, Optional<DeviceToken> token) {
        return new Joining(server, token);
    }

    /** What a device is made of. Not thread-safe. */
    public static final class Joining {
        private final URI server;
        private final Optional<DeviceToken> token;
        private Trust trust = new Trust.Usual();
        private KeyManager[] identity;
        private Path keys;
        private Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        private Supplier<? extends Samples> data;
        private Path keep;
        private Optional<String> deviceClass = Optional.empty();
        private long heapBytes = Runtime.getRuntime().maxMemory();
        private Duration patience = Duration.ofDays(1);
        private BooleanSupplier when = () -> true;
        private Consumer<TurnCost> onTurn = _ -> { };
        private Consumer<String> notes = _ -> { };
        private boolean onlyMasked;
        private Set<String> peers = Set.of();

        private Joining(URI server, Optional<DeviceToken> token) {
            this.server = Objects.requireNonNull(server, "server");
            this.token = Objects.requireNonNull(token, "token");
        }

        /**
         * Trusts servers whose certificates these authorities signed, in place of those of the public web.
         *
         * @param authorities PEM, or a PKCS #12 store without a password
         * @return this
         */
        public Joining trust(Path authorities) {
            trust = new Trust.Authorities(authorities);
            return this;
        }

        /**
         * Trusts the one certificate of this fingerprint.
         *
         * @param fingerprint which the server prints
         * @return this
         */
        public Joining pin(Fingerprint fingerprint) {
            trust = new Trust.Pinned(fingerprint);
            return this;
        }

        /**
         * Shows a certificate, where the server asks for one.
         *
         * @param store PKCS #12 with the device's private key and certificate
         * @param password of the store and the key
         * @return this
         * @throws IOException if the store cannot be read
         */
        public Joining identity(Path store, char[] password) throws IOException {
            try (InputStream in = Files.newInputStream(store)) {
                KeyStore loaded = KeyStore.getInstance("PKCS12");
                loaded.load(in, password);
                KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                factory.init(loaded, password);
                identity = factory.getKeyManagers();
            } catch (GeneralSecurityException e) {
                throw new IllegalArgumentException("key store '" + store + "' cannot be used: " + e.getMessage(), e);
            }
            return this;
        }

        /**
         * Where the device's key is kept, by which the server knows it. Without it the key is forgotten with the process.
         *
         * @param file made at first start, with mode 0600
         * @return this
         */
        public Joining keys(Path file) {
            keys = file;
            return this;
        }

        /**
         * What it trains on. Images of a {@link dev.fedtiny.data.Dataset} whose figures were measured go by the run's.
         *
         * @param samples asked anew for each turn
         * @return this
         */
        public Joining data(Supplier<? extends Samples> samples) {
            data = samples;
            return this;
        }

        /**
         * Where an answer lies until it is delivered; as long as one message, and nowhere to be found by a name.
         *
         * @param existing a folder
         * @return this
         */
        public Joining folder(Path existing) {
            folder = existing;
            return this;
        }

        /**
         * Keeps the latest model on the disk for the application ({@link FederatedDevice#model}).
         *
         * @param models a folder of this device alone, made for its owner where there is none
         * @return this
         */
        public Joining keep(Path models) {
            keep = models;
            return this;
        }

        /**
         * What a session of this device may hold, where that is less than this Java may: the server chooses the device's class by it, and a
         * request beyond it is answered with what it would need.
         *
         * @param bytes above 0 and at most the heap limit
         * @return this
         */
        public Joining heap(long bytes) {
            if (bytes < 1 || bytes > Runtime.getRuntime().maxMemory()) {
                throw new IllegalArgumentException("a heap of " + bytes + " bytes, expected 1 to " + Runtime.getRuntime().maxMemory()
                        + ", what this Java may hold");
            }
            heapBytes = bytes;
            return this;
        }

        /**
         * Of which class it is, where the run has classes of devices and the choice is not left to the memory.
         *
         * @param name as the server's settings have it
         * @return this
         */
        public Joining deviceClass(String name) {
            deviceClass = Optional.of(name);
            return this;
        }

        /**
         * Whether it may ask for work now, for example while it is charged.
         *
         * @param condition asked before each turn
         * @return this
         */
        public Joining when(BooleanSupplier condition) {
            when = condition;
            return this;
        }

        /**
         * How long a server that cannot be reached is waited for; a day where nothing is said.
         *
         * @param longest without success; what is longer than some centuries, as {@code ChronoUnit.FOREVER}, never ends
         * @return this
         * @throws IllegalArgumentException if it is below 0
         */
        public Joining patience(Duration longest) {
            if (longest.isNegative()) {
                throw new IllegalArgumentException("a patience of " + longest + ", expected at least 0");
            }
            patience = longest;
            return this;
        }

        /**
         * Is told what each turn cost.
         *
         * @param taker called on the thread that works
         * @return this
         */
        public Joining onTurn(Consumer<TurnCost> taker) {
            onTurn = taker;
            return this;
        }

        /**
         * Is told what happens, on the line and to requests that cannot be done, in sentences.
         *
         * @param taker called on the thread that works
         * @return this
         */
        public Joining notes(Consumer<String> taker) {
            notes = taker;
            return this;
        }

        /**
         * Takes part only where the server uses secure aggregation: values of this device leave it in masked sums alone.
         *
         * @return this
         */
        public Joining onlyMasked() {
            onlyMasked = true;
            return this;
        }

        /**
         * Takes part in secure sums only with these devices, besides itself: then not even a server that makes devices of its own learns
         * more than a sum over these.
         *
         * @param ids as {@link dev.fedtiny.network.DevicePublicKey#id} gives them; the server's audit log names them
         * @return this
         */
        public Joining peers(Set<String> ids) {
            peers = Set.copyOf(ids);
            return this;
        }

        /**
         * The device. Nothing is sent before {@link FederatedDevice#run}.
         *
         * @return to be closed
         * @throws IOException if its key or folder cannot be used
         */
        public FederatedDevice open() throws IOException {
            return new FederatedDevice(this);
        }
    }

    /**
     * Works until the server says that it is over. Where it ended with an exception it may be called again: the device keeps its place.
     * What the application's own code throws ({@link Joining#when}, {@link Joining#onTurn}, {@link Joining#notes}) ends it, too; what its
     * samples throw in a turn costs the turn, the notes tell it, and the server is told the exception's class.
     *
     * @throws RefusedException if the server does not want this device, or is not the one it trusts
     * @throws IOException if the server could not be reached for longer than the device is patient, the thread was interrupted, or the
     *         device closed meanwhile
     * @throws IllegalStateException if it is at work already, or was closed before
     * @throws IllegalArgumentException if another device, here or in another process, works with its key file or its folder of models
     */
    public void run() throws IOException {
        synchronized (ending) {
            if (closed || running != null) {
                throw new IllegalStateException(closed ? "this device is closed" : "this device is at work already, on " + running);
            }
            running = Thread.currentThread();
        }
        try (DeviceLocks _ = DeviceLocks.of(keys, models)) {
            loop.run();
        } finally {
            synchronized (ending) {
                running = null;
                ending.notifyAll();
                if (closed) {
                    release();
                }
            }
        }
    }

    /**
     * A model of the device's own, for inference: the latest that it received, the part of it that its class holds where there are classes,
     * with running statistics of the device's own data, measured as in stage one when it is first asked for and then read from the disk.
     * The latest is the one that the last round began with, or the last of all where the run has {@code recalibrate-last}. Any thread, also
     * while {@link #run} works, before it and after it, and in a process that was started again; the caller's thread measures, in a session
     * of its own.
     *
     * @return a snapshot, which stays as it is; empty before the first model was received
     * @throws IllegalStateException if it was not said where models are kept ({@link Joining#keep}), or the calling thread is interrupted
     *         while it measures
     * @throws IOException if a file cannot be read or written
     */
    public Optional<ModelState> model() throws IOException {
        return kept.orElseThrow(() -> new IllegalStateException("this device keeps no model: say where, with keep(folder)"))
                .personal(figures -> samples.normalizedBy(figures).get());
    }

    private void received(KeptModel models, ModelState model, OwnStatistics own, Optional<Normalization> figures) {
        try {
            models.received(model, own, figures);
        } catch (IOException e) {
            notes.accept("the model that was received is not kept: " + IoProblem.describe("", e));
        }
    }

    private TurnLoop.Worker worker(int number, byte[] terms) throws IOException {
        SessionTerms told;
        try {
            told = SessionTerms.decode(terms, Methods.tasks());
        } catch (ProtocolException e) {
            throw new RefusedException("this device cannot work for the server: " + e.getMessage(), e);
        }
        if (onlyMasked && told.settings().secure().isEmpty()) {
            throw new RefusedException("this device tells its values in masked sums only, and the server does not use secure aggregation; "
                    + "run it with secure-aggregation = on", null);
        }
        told.settings().secure().ifPresent(rules -> notes.accept("values leave this device in masked sums only: at least "
                + rules.smallest() + " devices, up to " + rules.neighbours() + " neighbours"));
        OwnSamples normalized = samples.normalizedBy(told.images());
        Samples now = normalized.checked();
        normalized.note(now).ifPresent(notes);
        Shape shape = now.shape();
        if (!shape.equals(told.network().input())) {
            throw new RefusedException("this device has samples of " + shape + ", the network takes " + told.network().input(), null);
        }
        closeSessions();
        SessionCache cache = new SessionCache(workers, told.metering(), heapBytes);
        sessions = cache;
        Device device;
        try {
            device = new Device(number, told.network(), normalized, told.settings(), peers);
        } catch (DataException e) {
            throw new RefusedException(e.getMessage(), e);
        }
        kept.ifPresent(models -> device.onReceived((model, own) -> received(models, model, own, told.images())));
        device.onFailed(FailureListener.inWords(notes));
        return new DeviceWorker(device, cache);
    }

    private void closeSessions() {
        if (sessions != null) {
            sessions.close();
        }
    }

    /**
     * Ends its part, in any state and more than once: lines are cut, and the turn that is under way is abandoned. Returns when
     * {@link #run} has ended, which does the batch that is under way; at once where the thread is interrupted or called by {@code run}
     * itself, as from {@link Joining#onTurn}. {@link #model} goes on.
     */
    @Override
    public void close() throws IOException {
        synchronized (ending) {
            closed = true;
            link.close();
            Thread caller = Thread.currentThread();
            if (running != null && running != caller) {
                running.interrupt();
                try {
                    while (running != null) {
                        ending.wait();
                    }
                } catch (InterruptedException e) {
                    caller.interrupt();
                }
            }
            if (running == null) {
                release();
            }
        }
    }

    /** What nobody works with any more. */
    private void release() throws IOException {
        beats.shutdownNow();
        closeSessions();
        workers.close();
        spool.close();
    }
}
