package dev.fedtiny.engine.internal.plan;

/**
 * Channels that a pass needs of a map. Those that follow each other are computed together:
 *
 * <pre>{@code
 * for (int c = set.next(from, to), end; c < to; c = set.next(end, to)) {
 *     end = set.end(c, to);
 *     // channels [c, end)
 * }
 * }</pre>
 */
interface ChannelSet {
    ChannelSet ALL = channel -> true;
    ChannelSet NONE = channel -> false;

    boolean has(int channel);

    /** The first channel of the set from {@code from} on, or {@code to}. */
    default int next(int from, int to) {
        int c = from;
        while (c < to && !has(c)) {
            c++;
        }
        return c;
    }

    /** The first channel from {@code from} on that is not of the set, or {@code to}. */
    default int end(int from, int to) {
        int c = from;
        while (c < to && has(c)) {
            c++;
        }
        return c;
    }

    /** How many of the first {@code channels} are of the set. */
    default int count(int channels) {
        int count = 0;
        for (int c = 0; c < channels; c++) {
            count += has(c) ? 1 : 0;
        }
        return count;
    }
}
