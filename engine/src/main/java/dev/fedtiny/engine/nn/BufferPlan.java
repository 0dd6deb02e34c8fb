package dev.fedtiny.engine.nn;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/** Shares buffers between tensors whose lifetimes do not overlap. */
final class BufferPlan {
    private record Request(long floats, int first, int last, Consumer<float[]> taker) {
    }

    private static final class Buffer {
        long floats;
        int freeAfter;
        final List<Consumer<float[]>> takers = new ArrayList<>();
    }

    private final List<Request> requests = new ArrayList<>();

    /** Asks for a buffer that is used from step {@code first} to step {@code last}, both included. */
    void request(long floats, int first, int last, Consumer<float[]> taker) {
        requests.add(new Request(floats, first, last, taker));
    }

    /** Allocates the buffers, hands them out, and answers their bytes. */
    long allocate() {
        requests.sort(Comparator.comparingInt(Request::first));
        List<Buffer> buffers = new ArrayList<>();
        for (Request request : requests) {
            Buffer best = null;
            for (Buffer buffer : buffers) {
                if (buffer.freeAfter < request.first && (best == null || waste(buffer, request) < waste(best, request))) {
                    best = buffer;
                }
            }
            if (best == null) {
                best = new Buffer();
                buffers.add(best);
            }
            best.floats = Math.max(best.floats, request.floats);
            best.freeAfter = request.last;
            best.takers.add(request.taker);
        }
        long bytes = 0;
        for (Buffer buffer : buffers) {
            float[] data = Arrays32.allocate(buffer.floats);
            bytes += 4L * data.length;
            buffer.takers.forEach(taker -> taker.accept(data));
        }
        return bytes;
    }

    private static long waste(Buffer buffer, Request request) {
        return Math.abs(buffer.floats - request.floats);
    }
}
