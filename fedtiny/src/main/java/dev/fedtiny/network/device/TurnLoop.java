package dev.fedtiny.network.device;

import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.network.wire.Wire;
import dev.fedtiny.protocol.FrameSink;
import dev.fedtiny.protocol.FrameSource;
import dev.fedtiny.protocol.MessageKind;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Asks for work, does it and delivers the answer, one turn after the other, until the server says that it is over. Requests are read as
 * they come, and go on where a line broke; answers go to a {@link AnswerSpool} and from there to the server in parts.
 */
final class TurnLoop {
    private static final int READ_MILLIS = 60_000;
    private static final int IDLE_MILLIS = 1000;
    /** What comes to nothing within this time is tried again with pauses, which a server would otherwise have to make. */
    private static final long QUICK_NANOS = 1_000_000_000;
    private static final Pattern TURN = Pattern.compile("[0-9A-Za-z._-]{1,100}");
    private static final int MOST_TERMS_BYTES = 16 << 20;

    private final LinkSession sessions;
    private final AnswerSpool spool;
    private final ScheduledExecutorService beats;
    private final BooleanSupplier when;
    private final Consumer<TurnCost> onTurn;
    private final Consumer<String> notes;
    private final Makes makes;
    private Worker worker;
    /** What the worker works on, null between two turns. Guarded by {@code beats}. */
    private Task working;
    private long bytesDown;
    private long bytesUp;
    /** Pauses while the server has no work and says so at once, or turns are over as soon as they begin. */
    private Backoff vain = Backoff.endless();
    /** Pauses while what answers is no server of a federation. */
    private Backoff strange;

    /** Answers requests; holds what it was told before. */
    interface Worker {
        /**
         * Answers one, and changes what it holds only once the request was read to its end.
         *
         * @param head the frame's header
         * @param rest gives what follows
         * @param answer takes the frame of the answer
         */
        void work(byte[] head, FrameSource rest, FrameSink answer);

        /**
         * What it works on is of no use any more: it may end with a {@link CancellationException}, and holds what a request may follow. Any
         * thread, only while it works; by default nothing.
         */
        default void callOff() {
        }
    }

    /** Makes a worker that holds nothing. */
    interface Makes {
        Worker worker(int number, byte[] terms) throws IOException;
    }

    TurnLoop(LinkSession sessions, AnswerSpool spool, ScheduledExecutorService beats, BooleanSupplier when, Consumer<TurnCost> onTurn,
            Consumer<String> notes, Makes makes) {
        this.sessions = sessions;
        this.spool = spool;
        this.beats = beats;
        this.when = when;
        this.onTurn = onTurn;
        this.notes = notes;
        this.makes = makes;
        this.strange = new Backoff(sessions.patience());
    }

    /** What there is to do. */
    private record Task(String turn, MessageKind kind, long round, String object, int bytes, byte[] head, byte[] tail) {
        static Task of(JsonObject said) throws IOException {
            try {
                if (!TURN.matcher(said.string("turn")).matches()) {
                    throw new IllegalArgumentException("a turn called '" + Wire.printable(said.string("turn"), 100) + "'");
                }
                return new Task(said.string("turn"), MessageKind.valueOf(said.string("kind")), said.integer("round"),
                        said.string("object"), LinkSession.whole(said, "bytes", 0, Integer.MAX_VALUE),
                        Base64.getDecoder().decode(said.string("head")), Base64.getDecoder().decode(said.string("tail")));
            } catch (JsonException | IllegalArgumentException e) {
                throw new IOException("the server's task cannot be read: " + e.getMessage(), e);
            }
        }

        String path(String what) {
            return Wire.TURNS + turn + what;
        }
    }

    /** Works until it is over. */
    void run() throws IOException {
        while (true) {
            if (sessions.link().isClosed()) {
                throw new InterruptedIOException("this device was closed");
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted between two turns");
            }
            long start = System.nanoTime();
            IOException nothing = null;
            try {
                if (step()) {
                    return;
                }
            } catch (LinkSession.StartedAnewException e) {
                notes.accept("the server was started anew; what this device held is forgotten");
                nothing = e;
            } catch (JsonException e) {
                throw new IOException("an answer of the server cannot be read: " + e.getMessage(), e);
            } catch (TurnOverException e) {
                notes.accept("a turn ended without this device: " + e.getMessage());
                nothing = e;
            } catch (OutOfPatienceException e) {
                throw e.last();
            }
            if (nothing != null && System.nanoTime() - start < QUICK_NANOS) {
                sessions.pause(vain, nothing, 0);
            } else {
                vain = Backoff.endless();
            }
        }
    }

    /** One turn, or the wait for one; true where all is over. */
    private boolean step() throws IOException {
        LinkSession.Session session = sessions.session();
        if (sessions.takeFresh() || worker == null) {
            worker = null;
            worker = makes.worker(session.number(), terms(session));
            notes.accept("joined " + sessions.link().server() + " as device " + session.number());
        }
        if (!when.getAsBoolean()) {
            idle();
            return false;
        }
        long asked = System.nanoTime();
        ServerLink.Answer answer = sessions.call("GET", Wire.TASK + "?wait=" + session.pollSeconds(), Map.of(), new byte[0],
                READ_MILLIS + 1000 * session.pollSeconds());
        switch (answer.status()) {
            case 200 -> strange = new Backoff(sessions.patience());
            case 204 -> {
                strange = new Backoff(sessions.patience());
                if (System.nanoTime() - asked < QUICK_NANOS) {
                    idle();
                }
                return false;
            }
            default -> {
                IOException failure = new IOException("asked for work, " + sessions.link().server() + " answers with HTTP status "
                        + answer.status() + ", as no server of a federation does: " + answer.reason());
                notes.accept(failure.getMessage());
                sessions.pause(strange, failure, answer.retrySeconds());
                return false;
            }
        }
        if (answer.body().find("over").isPresent()) {
            return true;
        }
        Task task = Task.of(answer.body());
        turn(task, session);
        return task.kind() == MessageKind.FINISH;
    }

    private static void idle() throws IOException {
        try {
            Thread.sleep(IDLE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while it waited until it may work");
        }
    }

    private byte[] terms(LinkSession.Session session) throws IOException {
        if (session.termsBytes() > MOST_TERMS_BYTES) {
            throw new RefusedException("the server's terms have " + session.termsBytes() + " bytes, at most " + MOST_TERMS_BYTES
                    + " are read", null);
        }
        byte[] terms = new byte[session.termsBytes()];
        try (Download whole = download(session.terms(), terms.length)) {
            whole.read(terms, 0, terms.length);
        }
        return terms;
    }

    private Download download(String sha256, int length) throws IOException {
        return new Download(sessions, notes, READ_MILLIS, sha256, length);
    }

    private void turn(Task task, LinkSession.Session session) throws IOException {
        bytesDown = task.head().length + task.tail().length;
        bytesUp = 0;
        long nanos;
        try {
            long start = System.nanoTime();
            work(task, session);
            nanos = System.nanoTime() - start;
            upload(task, session, nanos);
        } catch (UncheckedIOException e) {
            throw failed(task, session, e.getCause());
        } catch (AnswerSpool.UnusableException e) {
            throw failed(task, session, e);
        }
        onTurn.accept(cost(task, nanos, bytesUp));
    }

    private void work(Task task, LinkSession.Session session) throws IOException {
        spool.clear();
        Worker busy = worker;
        works(task);
        ScheduledFuture<?> beat = beats.scheduleAtFixedRate(() -> beat(task, busy), session.beatMillis(), session.beatMillis(),
                TimeUnit.MILLISECONDS);
        try (Download body = download(task.object(), task.bytes())) {
            try {
                busy.work(task.head(), new Rest(body, task.tail()), spool::write);
            } finally {
                bytesDown += body.received();
            }
        } catch (CancellationException e) {
            throw Thread.currentThread().isInterrupted()
                    ? failed(task, session, (IOException) new InterruptedIOException("interrupted while it worked").initCause(e))
                    : new TurnOverException("the round was over before the work was done");
        } finally {
            beat.cancel(false);
            works(null);
        }
    }

    private void works(Task task) {
        synchronized (beats) {
            working = task;
        }
    }

    /**
     * A turn that is over while its request is read leaves the worker as it was: it does nothing before it has all of a request. After any
     * other failure it may hold what the server does not know of, and is not asked again.
     */
    private IOException failed(Task task, LinkSession.Session session, IOException cause) throws IOException {
        if (cause instanceof TurnOverException) {
            return cause;
        }
        LinkSession.Session open = sessions.current().orElse(session);
        worker = null;
        sessions.startAnew();
        boolean ours = !(cause instanceof LinkSession.StartedAnewException || cause instanceof RefusedException
                || cause instanceof OutOfPatienceException);
        if (ours && !Thread.currentThread().isInterrupted() && !sessions.link().isClosed()) {
            return giveUp(task, open, cause);
        }
        return cause;
    }

    /** Tells the server that this turn has no answer; one that cannot be told finds out by the silence. */
    private TurnOverException giveUp(Task task, LinkSession.Session session, IOException cause) throws IOException {
        byte[] reason = Wire.bytes(JsonObject.builder().put("reason", String.valueOf(cause.getMessage())).build());
        try {
            sessions.link().call("POST", task.path(Wire.FAILURE), session.headers(), reason, READ_MILLIS);
        } catch (RefusedException e) {
            throw e;
        } catch (IOException e) {
            notes.accept("the server was not told that a turn has no answer (" + e.getMessage() + ")");
        }
        return new TurnOverException(String.valueOf(cause.getMessage()));
    }

    private TurnCost cost(Task task, long nanos, long sent) {
        long heap = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            heap += pool.getType() == MemoryType.HEAP ? pool.getPeakUsage().getUsed() : 0;
        }
        return new TurnCost(task.kind().name(), task.round(), nanos, bytesDown, sent, heap);
    }

    /**
     * Says that the worker is at work, and hears whether it need be. On a thread of its own, which opens no session: that asks the
     * application for its samples.
     */
    private void beat(Task task, Worker busy) {
        Optional<LinkSession.Session> session = sessions.current();
        if (session.isEmpty()) {
            return;
        }
        try {
            byte[] body = Wire.bytes(JsonObject.builder().put("phase", "work").build());
            ServerLink.Answer answer = sessions.link().call("POST", task.path(Wire.BEAT), LinkSession.with(session.get(),
                    Map.of("Content-Type", "application/json")), body, READ_MILLIS);
            boolean over = answer.status() == 410 || answer.status() == 200 && !answer.body().bool("go");
            synchronized (beats) {
                if (over && working == task) {
                    busy.callOff();
                }
            }
        } catch (IOException | JsonException e) {
            // The next one may come through; the server has patience for some that do not.
        }
    }

    private void upload(Task task, LinkSession.Session session, long nanos) throws IOException {
        long total = spool.size();
        long next = 0;
        Resumption resumption = new Resumption(sessions);
        while (true) {
            long from = next;
            long count = Math.min(session.chunkBytes(), total - from);
            ServerLink.Answer answer = sessions.call(current -> part(task, current, new Part(from, count, total, nanos), resumption),
                    answers());
            switch (answer.status()) {
                case 200 -> {
                    if (answer.body().find("next").isEmpty()) {
                        return;
                    }
                    next = answer.body().integer("next");
                }
                case 202 -> {
                    return;
                }
                case 409 -> next = answer.body().find("next").isPresent() ? answer.body().integer("next") : 0;
                case 410 -> throw new TurnOverException(answer.reason());
                case 422 -> throw new TurnOverException("the answer was not taken: " + answer.reason());
                default -> throw new TurnOverException("the answer was not taken (HTTP status " + answer.status() + "): "
                        + answer.reason());
            }
            if (next < 0 || next > total) {
                throw new TurnOverException("the server asks for byte " + next + " of an answer of " + total);
            }
            if (next <= from) {
                resumption.broke(new IOException("the server asks for byte " + next + " of the answer again and again"), next);
            }
        }
    }

    private static LinkSession.Status<ServerLink.Answer> answers() {
        return new LinkSession.Status<>() {
            @Override
            public int of(ServerLink.Answer answer) {
                return answer.status();
            }

            @Override
            public int retrySeconds(ServerLink.Answer answer) {
                return answer.retrySeconds();
            }
        };
    }

    /** Bytes of an answer for one request. */
    private record Part(long from, long count, long total, long nanos) {
        private String range() {
            return "bytes " + from + "-" + (from + count - 1) + "/" + total;
        }
    }

    /** Sends a part; where a line breaks in it, asks where to go on. */
    private ServerLink.Answer part(Task task, LinkSession.Session session, Part part, Resumption resumption) throws IOException {
        try {
            if (part.count() > 0) {
                // The last part says what the turn cost, itself included.
                Map<String, String> headers = part.from() + part.count() == part.total()
                        ? Map.of("Content-Range", part.range(), Wire.COST, cost(task, part.nanos(), bytesUp + part.count()).header())
                        : Map.of("Content-Range", part.range());
                return sessions.link().call("PUT", task.path(Wire.ANSWER), LinkSession.with(session, headers), part.count(), out -> {
                    spool.copy(part.from(), part.count(), out);
                    bytesUp += part.count();
                }, READ_MILLIS);
            }
        } catch (RefusedException | AnswerSpool.UnusableException e) {
            throw e;
        } catch (IOException e) {
            notes.accept("an upload broke (" + e.getMessage() + ") and goes on");
            resumption.broke(e, part.from());
        }
        return sessions.link().call("PUT", task.path(Wire.ANSWER),
                LinkSession.with(session, Map.of("Content-Range", "bytes */" + part.total())), new byte[0], READ_MILLIS);
    }

    /** What follows a frame's header: what devices share, then what is this one's. */
    private static final class Rest implements FrameSource {
        private final Download body;
        private final byte[] tail;
        private int inTail;

        private Rest(Download body, byte[] tail) {
            this.body = body;
            this.tail = tail;
        }

        @Override
        public void read(byte[] into, int from, int count) throws IOException {
            int ofBody = Math.min(count, body.left());
            if (ofBody > 0) {
                body.read(into, from, ofBody);
            }
            int ofTail = count - ofBody;
            if (ofTail > tail.length - inTail) {
                throw new EOFException("the request ends before it is whole");
            }
            System.arraycopy(tail, inTail, into, from + ofBody, ofTail);
            inTail += ofTail;
        }
    }
}
