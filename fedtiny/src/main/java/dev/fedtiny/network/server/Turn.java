package dev.fedtiny.network.server;

import dev.fedtiny.engine.io.FileWriteException;
import dev.fedtiny.network.SignedRequest;
import dev.fedtiny.protocol.Frame;
import java.io.IOException;
import java.lang.ref.SoftReference;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * One request to one device, from the moment it may be fetched until its answer was judged. Of an answer that comes in parts each byte is
 * written once, where the part before ended; a device that comes back on another line takes its own upload over. Thread-safe.
 */
final class Turn {
    /** How far it is. */
    enum State {
        /** An answer is wanted. */
        OPEN,
        /** The answer is here. */
        WHOLE,
        /** No answer is wanted any more. */
        CLOSED
    }

    /**
     * What became of a turn.
     *
     * @param kind whether the answer counts
     * @param reason why it does not; empty where it does
     */
    record Verdict(Kind kind, String reason) {
        /** Whether an answer counts. */
        enum Kind {
            /** It does. */
            ACCEPTED,
            /** It is no valid one. */
            REJECTED,
            /** Nobody waits for it any more. */
            OVER
        }

        static final Verdict ACCEPTED = new Verdict(Kind.ACCEPTED, "");

        static Verdict rejected(String reason) {
            return new Verdict(Kind.REJECTED, reason);
        }
    }

    /** Is told of a turn, on any thread. */
    interface Listener {
        /** The device knows of it. Once. */
        void taken(Turn turn, Errand errand);

        /** It ended other than by {@link Turn#close}. Once. */
        void ended(Turn turn);
    }

    private final Member member;
    private final String run;
    private final Supplier<Errand> maker;
    private final AnswerFiles files;
    private final long deadlineMillis;
    private final Listener listener;
    private final CompletableFuture<Verdict> verdict = new CompletableFuture<>();
    private SoftReference<Errand> errand = new SoftReference<>(null);
    private String id;
    private int round;
    private int longest;
    private State state = State.OPEN;
    private boolean taken;
    private String lost;
    private FileChannel part;
    private long received;
    private long total;
    private MessageDigest digest = SignedRequest.digest();
    private String answerSha256;
    private Path answer;
    private int writer;

    /**
     * A turn.
     *
     * @param maker makes the request whenever it is asked, with the same bytes
     * @param deadlineMillis since 1970, which devices are told
     * @param listener is told what happens
     */
    Turn(Member member, String run, Supplier<Errand> maker, AnswerFiles files, long deadlineMillis, Listener listener) {
        this.member = member;
        this.run = run;
        this.maker = maker;
        this.files = files;
        this.deadlineMillis = deadlineMillis;
        this.listener = listener;
    }

    Member member() {
        return member;
    }

    long deadlineMillis() {
        return deadlineMillis;
    }

    /** The request. It is made again where memory was short meanwhile. */
    synchronized Errand errand() {
        Errand made = errand.get();
        if (made == null) {
            made = maker.get();
            errand = new SoftReference<>(made);
            if (id == null) {
                id = made.turn(run, member);
                round = made.request().round();
                longest = made.longestAnswer();
            }
        }
        return made;
    }

    /** Its number. */
    synchronized String id() {
        if (id == null) {
            errand();
        }
        return id;
    }

    synchronized State state() {
        return state;
    }

    /** The device knows of it now. */
    void take() {
        Errand now;
        synchronized (this) {
            if (taken) {
                return;
            }
            now = errand();
            taken = true;
        }
        listener.taken(this, now);
    }

    synchronized boolean taken() {
        return taken;
    }

    /** Why there is no answer; empty where there is one. */
    synchronized Optional<String> lost() {
        return Optional.ofNullable(lost);
    }

    /** The file of the whole answer. */
    synchronized Path answer() {
        return answer;
    }

    synchronized String answerSha256() {
        return answerSha256;
    }

    synchronized long received() {
        return received;
    }

    /** What becomes of it. */
    CompletableFuture<Verdict> verdict() {
        return verdict;
    }

    /** Uses an answer that came in an earlier life of the server. */
    synchronized boolean useStored() {
        Optional<Path> stored = files.stored(id(), errand());
        if (stored.isEmpty() || state != State.OPEN) {
            return false;
        }
        answer = stored.get();
        state = State.WHOLE;
        return true;
    }

    /** Ends it without an answer. */
    void lose(String reason) {
        synchronized (this) {
            if (state != State.OPEN) {
                return;
            }
            lost = reason;
            end();
        }
        listener.ended(this);
    }

    /** Nobody waits any more. */
    synchronized void close() {
        if (state != State.CLOSED) {
            end();
        }
    }

    private void end() {
        state = State.CLOSED;
        writer++;
        closePart();
        if (id != null) {
            files.removePart(id);
        }
        verdict.complete(new Verdict(Verdict.Kind.OVER, lost == null ? "the round is over" : lost));
        errand.clear();
    }

    private void closePart() {
        try {
            if (part != null) {
                part.close();
            }
        } catch (IOException e) {
            // What was written is there, or will be missed by the checksum.
        }
        part = null;
    }

    /** A place in the answer where a line may write; another line that begins ends it. */
    final class Upload {
        private final int number;

        private Upload(int number) {
            this.number = number;
        }

        /**
         * Adds bytes.
         *
         * @throws IOException if the part cannot be written, or another line took over
         */
        void write(byte[] bytes, int count) throws IOException {
            synchronized (Turn.this) {
                if (number != writer) {
                    throw new IOException("another line of the device took over");
                }
                ByteBuffer left = ByteBuffer.wrap(bytes, 0, count);
                try {
                    while (left.hasRemaining()) {
                        part.write(left, received + left.position());
                    }
                } catch (IOException e) {
                    throw new FileWriteException(Path.of(id), e);
                }
                digest.update(bytes, 0, count);
                received += count;
            }
        }
    }

    /**
     * Begins or goes on with the answer.
     *
     * @param from where the device means to go on
     * @param whole bytes of the answer, as it says
     * @return where to write; empty where all bytes are here already
     * @throws Refusal if nobody waits for them, they go on elsewhere, or there are more than any answer has
     */
    synchronized Optional<Upload> upload(long from, long whole) throws Refusal, IOException {
        if (state == State.CLOSED) {
            throw new Refusal(Refusal.GONE, lost == null ? "the round is over" : lost);
        }
        if (state == State.WHOLE) {
            return Optional.empty();
        }
        if (whole < Frame.OVERHEAD_BYTES || whole > longest) {
            throw new Refusal(Refusal.TOO_LARGE, "an answer to this request has " + Frame.OVERHEAD_BYTES + " to " + longest
                    + " bytes, announced are " + whole);
        }
        if (part == null || total != whole) {
            closePart();
            part = files.part(id());
            received = 0;
            total = whole;
            digest = SignedRequest.digest();
        }
        if (from != received) {
            throw Refusal.offset(received);
        }
        return Optional.of(new Upload(++writer));
    }

    /** Where the answer goes on. */
    synchronized long next(long whole) throws Refusal {
        if (state == State.CLOSED) {
            throw new Refusal(Refusal.GONE, lost == null ? "the round is over" : lost);
        }
        return state == State.WHOLE ? whole : part == null || total != whole ? 0 : received;
    }

    /** Whether all bytes are here that were announced. */
    synchronized boolean arrived() {
        return state == State.OPEN && part != null && received == total;
    }

    /**
     * Looks at an answer that has arrived, and takes it for the whole.
     *
     * @param audit is told before
     * @throws Refusal if it answers another request; then it can be sent again
     */
    void complete(AuditLog audit) throws Refusal, IOException {
        synchronized (this) {
            if (!arrived()) {
                return;
            }
            ByteBuffer head = ByteBuffer.allocate(Frame.HEADER_BYTES);
            part.read(head, 0);
            OptionalInt payload = Frame.payloadBytes(head.array(), longest - Frame.OVERHEAD_BYTES);
            if (payload.isEmpty() || payload.getAsInt() != total - Frame.OVERHEAD_BYTES
                    || !Frame.sameTurn(errand().request().head(), head.array())) {
                closePart();
                throw new Refusal(Refusal.INVALID, "these are no bytes of an answer to this turn");
            }
            String sha256 = HexFormat.of().formatHex(soFar());
            audit.write(AuditLog.line(AuditLog.Event.ANSWER, member).put("turn", id).put("round", round + 1L).put("bytes", total)
                    .put("sha256", sha256));
            closePart();
            answer = files.whole(id, round);
            answerSha256 = sha256;
            state = State.WHOLE;
            errand.clear();
        }
        listener.ended(this);
    }

    /** The digest of what has come; more may come. */
    private byte[] soFar() {
        try {
            return ((MessageDigest) digest.clone()).digest();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("SHA-256 of the JDK can be copied", e);
        }
    }

    /** An answer that was not taken is not kept: asked again, the device does the work again. */
    void forget() {
        files.remove(answer());
    }

    /** The bytes of the whole answer, which are then of no more use on the disk unless they last. */
    byte[] takeAnswer(boolean lasting) throws IOException {
        Path file = answer();
        byte[] bytes = Files.readAllBytes(file);
        if (!lasting) {
            files.remove(file);
        }
        return bytes;
    }
}
