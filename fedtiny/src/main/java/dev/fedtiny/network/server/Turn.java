package dev.fedtiny.network.server;

import dev.fedtiny.protocol.Frame;
import java.io.IOException;
import java.lang.ref.SoftReference;
import java.nio.file.Path;
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
    private IncomingAnswer coming;
    private String answerSha256;
    private Path answer;
    /** Number of the line that may write. */
    private int writer;
    private boolean costTold;

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

    /**
     * The device knows of it now, on however many lines it has asked.
     *
     * @param audit is told before
     */
    void take(AuditLog audit) throws IOException {
        Errand now;
        synchronized (this) {
            if (taken) {
                return;
            }
            now = errand();
            audit.write(AuditLog.line(AuditLog.Event.TURN, member).put("turn", id).put("round", round + 1L)
                    .put("kind", now.request().kind().name()).put("bytes", now.request().frameBytes()));
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
        dropComing();
        if (id != null) {
            files.removePart(id);
        }
        verdict.complete(new Verdict(Verdict.Kind.OVER, lost == null ? "the round is over" : lost));
        errand.clear();
    }

    /** What came is of no use, and no line that brought it may go on. */
    private void dropComing() {
        writer++;
        if (coming != null) {
            coming.close();
            coming = null;
        }
    }

    /** A line on which the answer comes; another line that begins ends it. */
    final class Upload {
        private final int number;

        private Upload(int number) {
            this.number = number;
        }

        /**
         * Adds the first bytes of an array, which stays the caller's.
         *
         * @throws IOException if they are more than are missing or cannot be written, or nothing is wanted of this line any more
         */
        void take(byte[] bytes, int count) throws IOException {
            synchronized (Turn.this) {
                if (number != writer || coming == null) {
                    throw new IOException("another line of the device took over, or the answer is whole");
                }
                coming.add(bytes, count);
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
        if (!wants(whole)) {
            return Optional.empty();
        }
        if (!goesOn(whole)) {
            dropComing();
            coming = files.incoming(id(), whole);
        }
        if (from != coming.received()) {
            throw Refusal.offset(coming.received());
        }
        return Optional.of(new Upload(++writer));
    }

    /** Whether an answer of this length is to be read. */
    private boolean wants(long whole) throws Refusal {
        if (state == State.CLOSED) {
            throw new Refusal(Refusal.GONE, lost == null ? "the round is over" : lost);
        }
        if (state == State.OPEN && (whole < Frame.OVERHEAD_BYTES || whole > longest)) {
            throw new Refusal(Refusal.TOO_LARGE, "an answer to this request has " + Frame.OVERHEAD_BYTES + " to " + longest
                    + " bytes, announced are " + whole);
        }
        return state == State.OPEN;
    }

    private boolean goesOn(long whole) {
        return coming != null && coming.usable() && coming.total() == whole;
    }

    /** Where the answer goes on. */
    synchronized long next(long whole) throws Refusal {
        if (state == State.CLOSED) {
            throw new Refusal(Refusal.GONE, lost == null ? "the round is over" : lost);
        }
        return state == State.WHOLE ? whole : goesOn(whole) ? coming.received() : 0;
    }

    /** Whether all bytes are here that were announced. */
    synchronized boolean arrived() {
        return state == State.OPEN && coming != null && goesOn(coming.total()) && coming.received() == coming.total();
    }

    /** Whether what it cost the device is told now: once, with the last byte, of all requests that may say it. */
    synchronized boolean tellsCost() {
        boolean now = !costTold && arrived();
        costTold |= now;
        return now;
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
            byte[] head = coming.head();
            OptionalInt payload = Frame.payloadBytes(head, longest - Frame.OVERHEAD_BYTES);
            if (payload.isEmpty() || payload.getAsInt() != coming.total() - Frame.OVERHEAD_BYTES
                    || !Frame.sameTurn(errand().request().head(), head)) {
                dropComing();
                throw new Refusal(Refusal.INVALID, "these are no bytes of an answer to this turn");
            }
            String sha256 = coming.sha256();
            audit.write(AuditLog.line(AuditLog.Event.ANSWER, member).put("turn", id).put("round", round + 1L)
                    .put("bytes", coming.total()).put("sha256", sha256));
            answer = files.whole(id, round);
            answerSha256 = sha256;
            coming.close();
            coming = null;
            state = State.WHOLE;
            errand.clear();
        }
        listener.ended(this);
    }

    /** An answer that was not taken is not kept: asked again, the device does the work again. */
    void forget() {
        files.remove(answer());
    }

    /**
     * The bytes of the whole answer, which are then of no more use on the disk unless they last.
     *
     * @param spare an array that is used where it has the right length
     */
    synchronized byte[] takeAnswer(boolean lasting, byte[] spare) throws IOException {
        byte[] whole = files.read(answer, spare);
        if (!lasting) {
            files.remove(answer);
        }
        return whole;
    }
}
