package dev.fedtiny.cluster;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/** What turns took, the last of very many: what tells whether spreading pays. Thread-safe. */
final class TurnTimes {
    private static final int MOST = 1 << 14;
    private static final double MILLI = 1e6;

    private final ArrayDeque<TurnCost> turns = new ArrayDeque<>();

    synchronized void add(TurnCost turn) {
        if (turns.size() == MOST) {
            turns.removeFirst();
        }
        turns.addLast(turn);
    }

    /** The last ones, in the order in which they ended. */
    synchronized List<TurnCost> last(int most) {
        return turns.stream().skip(Math.max(0, turns.size() - most)).toList();
    }

    private double median(ToLongFunction<TurnCost> nanos) {
        return turns.stream().mapToLong(nanos).sorted().skip(turns.size() / 2).findFirst().orElseThrow() / MILLI;
    }

    /** For the end of a sentence; empty before the first turn. */
    @Override
    public synchronized String toString() {
        return turns.isEmpty() ? "" : String.format(Locale.ROOT, "; a turn worked %.1f ms and was %.1f ms on its way (medians)",
                median(TurnCost::workNanos), median(TurnCost::wayNanos));
    }
}
