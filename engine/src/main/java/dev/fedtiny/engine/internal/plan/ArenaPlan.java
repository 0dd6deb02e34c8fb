package dev.fedtiny.engine.internal.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Lays tensors of known lifetimes out in one array, so that those that never live at the same time share its floats: the largest first,
 * each at the lowest place that is free as long as it lives. A second array is begun only where the first would outgrow what Java allows.
 */
final class ArenaPlan {
    /** Takes over where a tensor lies. */
    interface Taker {
        void take(float[] data, int origin);
    }

    /** A tensor and, once laid out, its place. */
    static final class Request {
        private final long floats;
        private final int first;
        private final int last;
        private final Taker taker;
        private int arena;
        private long place;

        private Request(long floats, int first, int last, Taker taker) {
            this.floats = floats;
            this.first = first;
            this.last = last;
            this.taker = taker;
        }

        long floats() {
            return floats;
        }

        private boolean meets(Request other) {
            return first <= other.last && other.first <= last;
        }
    }

    /** Floats of a cache line. */
    private static final long CACHE_LINE = 16;

    private final long limit;
    private final int copies;
    private final List<Request> requests = new ArrayList<>();
    private final List<Request> placed = new ArrayList<>();
    private final List<Long> sizes = new ArrayList<>();

    /**
     * An empty plan.
     *
     * @param limit floats of one array
     */
    ArenaPlan(long limit) {
        this(limit, 1);
    }

    /**
     * An empty plan of several copies.
     *
     * @param limit floats of one array
     * @param copies how often everything is there: one behind the other, so that what several threads use alike lies apart
     */
    ArenaPlan(long limit, int copies) {
        this.limit = copies == 1 ? limit : limit / copies - CACHE_LINE;
        this.copies = copies;
    }

    /** Asks for room that is used from step {@code first} to step {@code last}, both included. */
    Request request(long floats, int first, int last, Taker taker) {
        Request request = new Request(floats, first, last, taker);
        requests.add(request);
        return request;
    }

    /** Takes a request back. */
    void withdraw(Request request) {
        requests.remove(request);
    }

    /** Finds a place for every request and answers the floats of all arrays. */
    long layOut() {
        placed.clear();
        sizes.clear();
        List<Request> order = new ArrayList<>(requests);
        order.sort(Comparator.comparingLong(Request::floats).reversed().thenComparingInt(r -> r.first).thenComparingInt(r -> r.last));
        for (Request request : order) {
            int arena = 0;
            while (!place(request, arena, limit)) {
                arena++;
            }
        }
        return floats();
    }

    /** Floats of all arrays as laid out. */
    long floats() {
        return sizes.stream().mapToLong(size -> size).sum();
    }

    /**
     * After {@link #layOut}: a place in what is there already, if it has one that is free from step {@code first} to step {@code last}; it
     * need not be asked for.
     */
    boolean fit(long floats, int first, int last, Taker taker) {
        Request request = new Request(floats, first, last, taker);
        for (int arena = 0; arena < sizes.size(); arena++) {
            if (place(request, arena, sizes.get(arena))) {
                return true;
            }
        }
        return false;
    }

    /**
     * After {@link #layOut}: the largest place in what is there already that is free from step {@code first} to step {@code last} and
     * begins with a cache line; nothing else lies there in these steps from now on.
     *
     * @return its floats; 0 where there is none
     */
    long fill(int first, int last, Taker taker) {
        Request largest = new Request(0, first, last, taker);
        for (int arena = 0; arena < sizes.size(); arena++) {
            long at = 0;
            for (Request neighbour : neighbours(largest, arena)) {
                largest = larger(largest, arena, at, neighbour.place);
                at = Math.max(at, neighbour.place + neighbour.floats);
            }
            largest = larger(largest, arena, at, sizes.get(arena));
        }
        if (largest.floats > 0) {
            placed.add(largest);
        }
        return largest.floats;
    }

    private static Request larger(Request than, int arena, long from, long to) {
        long begin = Math.ceilDiv(from, CACHE_LINE) * CACHE_LINE;
        if (to - begin <= than.floats) {
            return than;
        }
        Request request = new Request(to - begin, than.first, than.last, than.taker);
        request.arena = arena;
        request.place = begin;
        return request;
    }

    /** What lies in an array at the same time, by place. */
    private List<Request> neighbours(Request request, int arena) {
        return placed.stream().filter(p -> p.arena == arena && p.meets(request)).sorted(Comparator.comparingLong(p -> p.place)).toList();
    }

    private boolean place(Request request, int arena, long most) {
        List<Request> neighbours = neighbours(request, arena);
        long at = 0;
        for (Request neighbour : neighbours) {
            if (at + request.floats <= neighbour.place) {
                break;
            }
            at = Math.max(at, neighbour.place + neighbour.floats);
        }
        if (at + request.floats > most && !(at == 0 && neighbours.isEmpty() && arena == sizes.size())) {
            return false;
        }
        request.arena = arena;
        request.place = at;
        placed.add(request);
        if (arena == sizes.size()) {
            sizes.add(0L);
        }
        sizes.set(arena, Math.max(sizes.get(arena), at + request.floats));
        return true;
    }

    /** Allocates the arrays and hands the places out. */
    void allocate() {
        List<float[]> arenas = sizes.stream().map(size -> Arrays32.allocate(all(size))).toList();
        for (Request request : placed) {
            request.taker.take(arenas.get(request.arena), Arrays32.ORIGIN + Math.toIntExact(request.place));
        }
    }

    /** Floats from a copy of an array to the next. */
    int copyFloats(float[] allocated) {
        return (allocated.length - Arrays32.ORIGIN) / copies;
    }

    /** Floats of all copies of an array; each begins with a cache line. */
    private long all(long size) {
        return copies == 1 ? size : copies * Math.ceilDiv(size, CACHE_LINE) * CACHE_LINE;
    }

    /** Bytes of the arrays that {@link #allocate} makes. */
    long bytes() {
        return sizes.stream().mapToLong(size -> Arrays32.bytes(all(size))).sum();
    }
}
