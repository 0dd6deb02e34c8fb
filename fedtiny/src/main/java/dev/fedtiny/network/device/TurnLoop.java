package dev.fedtiny.network.device;

import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.network.SignedRequest;
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
import java.nio.channels.ClosedByInterruptException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Asks for work, does it and delivers the answer, one turn after the other, until the server says that it is over. Requests are read as
 * they come, and go on where a line broke; answers go to a {@link AnswerSpool} and from there to the server in parts.
 */
final class TurnLoop {
    private static final int READ_MILLIS = 60_000;
    private static final int IDLE_MILLIS = 1000;
    private static final int MOST_TERMS_BYTES = 16 << 20;

    private final LinkSession sessions;
    private final AnswerSpool spool;
    private final ScheduledExecutorService beats;
    private final BooleanSupplier when;
    private final Consumer<TurnCost> onTurn;
    private final Consumer<String> notes;
    private final Makes makes;
    private Worker worker;
    private long bytesDown;
    private long bytesUp;

    /** Answers requests; holds what it was told before. */
    interface Worker {
        /**
         * Answers one.
         *
         * @param head the frame's header
         * @param rest gives what follows
         * @param answer takes the frame of the answer
         */
        void work(byte[] head, FrameSource rest, FrameSink answer);
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
    }

    /** What there is to do. */
    private record Task(String turn, MessageKind kind, long round, String object, int bytes, byte[] head, byte[] tail) {
        static Task of(JsonObject said) throws IOException {
            try {
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
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted between two turns");
            }
            try {
                LinkSession.Session session = sessions.session();
                if (sessions.takeFresh() || worker == null) {
                    worker = null;
                    worker = makes.worker(session.number(), terms(session));
                    notes.accept("joined " + sessions.link().server() + " as device " + session.number());
                }
                if (!when.getAsBoolean()) {
                    idle();
                    continue;
                }
                ServerLink.Answer answer = sessions.call("GET", Wire.TASK + "?wait=" + session.pollSeconds(), Map.of(), new byte[0],
                        READ_MILLIS + 1000 * session.pollSeconds());
                if (answer.status() != 200) {
                    continue;
                }
                if (answer.body().find("over").isPresent()) {
                    return;
                }
                Task task = Task.of(answer.body());
                turn(task, session);
                if (task.kind() == MessageKind.FINISH) {
                    return;
                }
            } catch (LinkSession.StartedAnewException e) {
                notes.accept("the server was started anew; what this device held is forgotten");
            } catch (JsonException e) {
                throw new IOException("an answer of the server cannot be read: " + e.getMessage(), e);
            } catch (TurnOverException e) {
                notes.accept("a turn ended without this device: " + e.getMessage());
            }
        }
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
        new Download(session.terms(), terms.length).read(terms, 0, terms.length);
        return terms;
    }

    private void turn(Task task, LinkSession.Session session) throws IOException {
        bytesDown = task.head().length + task.tail().length;
        bytesUp = 0;
        spool.clear();
        long start = System.nanoTime();
        ScheduledFuture<?> beat = beats.scheduleAtFixedRate(() -> beat(task), session.beatMillis(), session.beatMillis(),
                TimeUnit.MILLISECONDS);
        try {
            Download body = new Download(task.object(), task.bytes());
            worker.work(task.head(), new Rest(body, task.tail()), spool::write);
        } catch (UncheckedIOException e) {
            // Half a request may have changed what the worker holds: it is not asked again.
            worker = null;
            sessions.startAnew();
            switch (e.getCause()) {
                case LinkSession.StartedAnewException cause -> throw cause;
                case TurnOverException cause -> throw cause;
                case RefusedException cause -> throw cause;
                case ClosedByInterruptException cause -> throw cause;
                default -> giveUp(task, session, e.getCause());
            }
        } finally {
            beat.cancel(false);
        }
        long nanos = System.nanoTime() - start;
        upload(task, session, nanos);
        onTurn.accept(cost(task, nanos, bytesUp));
    }

    /** Tells the server that this turn has no answer. */
    private void giveUp(Task task, LinkSession.Session session, IOException cause) throws IOException {
        byte[] reason = Wire.bytes(JsonObject.builder().put("reason", String.valueOf(cause.getMessage())).build());
        sessions.link().call("POST", task.path(Wire.FAILURE), session.headers(), reason, READ_MILLIS);
        throw new TurnOverException(String.valueOf(cause.getMessage()));
    }

    private TurnCost cost(Task task, long nanos, long sent) {
        long heap = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            heap += pool.getType() == MemoryType.HEAP ? pool.getPeakUsage().getUsed() : 0;
        }
        return new TurnCost(task.kind().name(), task.round(), nanos, bytesDown, sent, heap);
    }

    private void beat(Task task) {
        try {
            byte[] body = Wire.bytes(JsonObject.builder().put("phase", "work").build());
            LinkSession.Session session = sessions.session();
            sessions.link().call("POST", task.path(Wire.BEAT), LinkSession.with(session, Map.of("Content-Type", "application/json")), body,
                    READ_MILLIS);
        } catch (IOException e) {
            // The next one may come through; the server has patience for some that do not.
        }
    }

    private void upload(Task task, LinkSession.Session session, long nanos) throws IOException {
        long total = spool.size();
        long next = 0;
        while (true) {
            long from = next;
            long count = Math.min(session.chunkBytes(), total - from);
            ServerLink.Answer answer = sessions.call(current -> part(task, current, from, count, total, nanos), answers());
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

    /** Sends a part; where a line breaks in it, asks where to go on. */
    private ServerLink.Answer part(Task task, LinkSession.Session session, long from, long count, long total,
            long nanos) throws IOException {
        try {
            if (count > 0) {
                // The last part says what the turn cost, itself included.
                Map<String, String> headers = from + count == total
                        ? Map.of("Content-Range", range(from, count, total), Wire.COST, cost(task, nanos, bytesUp + count).header())
                        : Map.of("Content-Range", range(from, count, total));
                return sessions.link().call("PUT", task.path(Wire.ANSWER), LinkSession.with(session, headers), count, out -> {
                    spool.copy(from, count, out);
                    bytesUp += count;
                }, READ_MILLIS);
            }
        } catch (RefusedException e) {
            throw e;
        } catch (IOException e) {
            notes.accept("an upload broke (" + e.getMessage() + ") and goes on");
        }
        return sessions.link().call("PUT", task.path(Wire.ANSWER), LinkSession.with(session, Map.of("Content-Range", "bytes */" + total)),
                new byte[0], READ_MILLIS);
    }

    private static String range(long from, long count, long total) {
        return "bytes " + from + "-" + (from + count - 1) + "/" + total;
    }

    /** Bytes of an object in their order, whatever lines break meanwhile; their SHA-256 is looked at with the last. */
    private final class Download {
        private final String sha256;
        private final int length;
        private final MessageDigest digest = SignedRequest.digest();
        private int position;
        private ServerLink.Download line;

        private Download(String sha256, int length) {
            this.sha256 = sha256;
            this.length = length;
        }

        void read(byte[] into, int from, int count) throws IOException {
            if (count > length - position) {
                throw new EOFException("the request ends before it is whole");
            }
            int filled = 0;
            while (filled < count) {
                try {
                    if (line == null) {
                        line = open();
                    }
                    int read = line.in().read(into, from + filled, count - filled);
                    if (read < 0) {
                        throw new EOFException("the line ended after " + position + " of " + length + " bytes");
                    }
                    digest.update(into, from + filled, read);
                    filled += read;
                    bytesDown += read;
                    position += read;
                } catch (LinkSession.StartedAnewException | TurnOverException | RefusedException e) {
                    throw e;
                } catch (IOException e) {
                    if (line == null) {
                        throw e;
                    }
                    line.close();
                    line = null;
                    notes.accept("a download broke (" + e.getMessage() + ") and goes on");
                }
            }
            if (position == length) {
                if (line != null) {
                    line.close();
                }
                if (!HexFormat.of().formatHex(digest.digest()).equals(sha256)) {
                    throw new TurnOverException("the request has not the SHA-256 it was announced with");
                }
            }
        }

        private ServerLink.Download open() throws IOException {
            ServerLink.Download opened = sessions.call(session -> sessions.link().download(Wire.OBJECTS + sha256, session.headers(),
                    position,
                    READ_MILLIS), ServerLink.Download::status);
            return switch (opened.status()) {
                case 200 -> {
                    opened.in().skipNBytes(position);
                    yield opened;
                }
                case 206 -> opened;
                default -> throw new TurnOverException("the request is not to be had any more (HTTP status " + opened.status() + ")");
            };
        }
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
            int ofBody = Math.min(count, body.length - body.position);
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
