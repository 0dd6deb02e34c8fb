package dev.fedtiny.engine.session;

import dev.fedtiny.engine.runtime.Workers;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Lets one thread at a time into a session and nobody into a closed one. Entering costs one atomic instruction and allocates nothing. A
 * call that overlaps another thread's is refused and changes nothing. It proves that nothing keeps the threads apart, so from then on a
 * thread is refused, too, what would go on from another thread's images or results: the calls between which the other came need not
 * overlap.
 */
final class SessionGuard {
    /** Images of whoever has their array: nobody sees how many are written. */
    static final int ANY = Integer.MAX_VALUE;

    private final Workers workers;
    private final AtomicReference<Thread> inside = new AtomicReference<>();
    /** Calls of {@link #inside} that have not ended. */
    private int depth;
    private volatile boolean closed;
    private boolean incomplete;
    private volatile boolean contended;
    /** Images that have been set; {@link #ANY} from when their array has been handed out. */
    private int images;
    /** Who set the images last, and who ran the last forward pass; 0: nobody yet. */
    private long imagesBy;
    private long resultsBy;

    SessionGuard(Workers workers) {
        this.workers = workers;
    }

    /** A call begins that reads or changes the session; ends with {@link #exit}. */
    void enter() {
        enterAnyState();
        if (incomplete) {
            exit();
            throw new IllegalStateException("session: its last load failed half way, so its values are of no state; load one again");
        }
    }

    /** As {@link #enter}, also where a load has failed. */
    void enterAnyState() {
        Thread caller = Thread.currentThread();
        if (inside.getPlain() == caller) {
            depth++;
        } else if (inside.compareAndSet(null, caller)) {
            depth = 1;
        } else {
            contended = true;
            throw overlap(inside.get());
        }
        if (closed) {
            exit();
            throw closed();
        }
    }

    void exit() {
        if (--depth == 0) {
            inside.set(null);
        }
    }

    /** As {@link #exit}, of whom nobody knows whether it is inside. */
    void release() {
        if (inside.get() != Thread.currentThread()) {
            throw new IllegalStateException("session: thread " + name(Thread.currentThread()) + " closes a hold that it does not have; "
                    + "close it once, in the thread that took it");
        }
        exit();
    }

    /** Refuses a look at something while another thread is inside; the workers of the pass under way may look. */
    void look() {
        Thread other = inside.get();
        if (other != null && other != Thread.currentThread() && workers.current() == 0) {
            contended = true;
            throw overlap(other);
        }
        if (closed) {
            throw closed();
        }
    }

    /** The caller, who is inside, has set so many images. */
    void imagesSet(int count) {
        images = images == ANY ? ANY : count;
        imagesBy = Thread.currentThread().threadId();
    }

    /** The caller, who is inside, is about to run a forward pass over so many images. */
    void useImages(int count) {
        if (count > images) {
            throw new IllegalStateException("session: a pass over " + count + " images, but " + (images == 0 ? "none" : "only " + images)
                    + " have been set; set them first, or ask for as many as there are");
        }
        long caller = Thread.currentThread().threadId();
        if (contended && imagesBy != caller && imagesBy != 0) {
            throw interleaved("images", imagesBy);
        }
        resultsBy = caller;
    }

    /** The caller, who is inside, is about to go on from the last forward pass. */
    void useResults() {
        if (contended && resultsBy != Thread.currentThread().threadId() && resultsBy != 0) {
            throw interleaved("results of the last pass", resultsBy);
        }
    }

    /** The caller, who is inside, begins or has completed a load. */
    void loading(boolean underWay) {
        incomplete = underWay;
    }

    /**
     * Refuses everything from now on; closed twice is closed.
     *
     * @return whether it was open
     */
    boolean close() {
        Thread caller = Thread.currentThread();
        Thread other = inside.compareAndExchange(null, caller);
        if (other != null && other != caller) {
            contended = true;
            throw overlap(other);
        }
        boolean open = !closed;
        closed = true;
        if (other == null) {
            inside.set(null);
        }
        return open;
    }

    /** Whether nothing is taken any more. */
    boolean isClosed() {
        return closed;
    }

    private static IllegalStateException closed() {
        return new IllegalStateException("session: it is closed; open another one");
    }

    private static IllegalStateException overlap(Thread other) {
        return new IllegalStateException("session: thread " + name(Thread.currentThread()) + " calls it while "
                + (other == null ? "another thread was" : "thread " + name(other) + " is") + " inside; a session is for one thread at a "
                + "time: open one for each thread (they may share workers), or let threads take turns");
    }

    private static IllegalStateException interleaved(String what, long other) {
        return new IllegalStateException("session: the " + what + " are of thread #" + other + ", the caller is "
                + name(Thread.currentThread()) + ", and their calls have overlapped before; a session is for one thread at a time: open "
                + "one for each thread (they may share workers), or let threads take turns from setting images to reading results");
    }

    private static String name(Thread thread) {
        return "'" + thread.getName() + "' (#" + thread.threadId() + ")";
    }
}
