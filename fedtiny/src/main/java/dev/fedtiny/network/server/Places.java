package dev.fedtiny.network.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/** What every device is wanted for, and when it was last heard of. A device has one turn at a time. Thread-safe. */
final class Places {
    private final Map<Integer, Place> places = new TreeMap<>();
    private final LongSupplier nanos;
    private volatile boolean over;

    /**
     * Nobody is known yet.
     *
     * @param nanos tells the time by which silence is measured, as {@link System#nanoTime} does
     */
    Places(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** A device's place. Guarded by its monitor. */
    static final class Place {
        private Turn turn;
        private boolean renewed;
        private long seenNanos;
        private String phase = "idle";
    }

    private Place place(int number) {
        synchronized (places) {
            return places.computeIfAbsent(number, _ -> new Place());
        }
    }

    /** Numbers of all devices that were ever heard of, ascending. */
    List<Integer> numbers() {
        synchronized (places) {
            return new ArrayList<>(places.keySet());
        }
    }

    /** A device was heard of, and what it says it does. */
    void seen(int number, String phase) {
        Place place = place(number);
        synchronized (place) {
            place.seenNanos = nanos.getAsLong();
            place.phase = phase;
        }
    }

    /** Nanoseconds since a device was heard of last. */
    long silence(int number) {
        Place place = place(number);
        synchronized (place) {
            return nanos.getAsLong() - place.seenNanos;
        }
    }

    /** What a device said it does. */
    String phase(int number) {
        Place place = place(number);
        synchronized (place) {
            return place.phase;
        }
    }

    /** A device remembers nothing of what it was told before: what it was doing is lost. */
    void renewed(int number) {
        Place place = place(number);
        Turn running;
        synchronized (place) {
            place.renewed = true;
            running = place.turn;
        }
        if (running != null) {
            running.lose("device " + number + " was started anew in the middle of its turn");
        }
    }

    /** What a device holds is not what it would hold had it done all that was asked of it; it goes on with its turn. */
    void outdated(int number) {
        Place place = place(number);
        synchronized (place) {
            place.renewed = true;
        }
    }

    /** Whether a device was renewed since this was last asked. */
    boolean takeRenewed(int number) {
        Place place = place(number);
        synchronized (place) {
            boolean was = place.renewed;
            place.renewed = false;
            return was;
        }
    }

    /** Asks a device; what it was asked before is over. */
    void offer(Turn turn) {
        Place place = place(turn.member().number());
        synchronized (place) {
            if (place.turn != null) {
                place.turn.close();
            }
            place.turn = turn;
            place.notifyAll();
        }
    }

    /** The turn of a device, whatever its state; empty if it never had one. */
    Optional<Turn> turn(int number) {
        Place place = place(number);
        synchronized (place) {
            return Optional.ofNullable(place.turn);
        }
    }

    /** Waits until there is an open turn for a device, time is up, or all is over. */
    Optional<Turn> await(int number, long millis) throws InterruptedException {
        long deadline = System.nanoTime() + millis * 1_000_000;
        Place place = place(number);
        synchronized (place) {
            while (!over && (place.turn == null || place.turn.state() != Turn.State.OPEN)) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return Optional.empty();
                }
                place.wait(left);
            }
            return over ? Optional.empty() : Optional.of(place.turn);
        }
    }

    /** Nothing is asked of anybody any more. */
    void end() {
        over = true;
        for (int number : numbers()) {
            Place place = place(number);
            synchronized (place) {
                if (place.turn != null) {
                    place.turn.close();
                }
                place.notifyAll();
            }
        }
    }

    boolean over() {
        return over;
    }
}
