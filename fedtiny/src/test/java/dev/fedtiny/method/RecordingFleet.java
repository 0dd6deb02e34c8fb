package dev.fedtiny.method;

import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.RelayedFleet;
import dev.fedtiny.protocol.Request;
import java.util.Map;
import java.util.TreeMap;

/** A fleet that keeps the last frame it sent to and got from every device. */
final class RecordingFleet extends RelayedFleet {
    private final Map<Integer, byte[]> sent = new TreeMap<>();
    private final Map<Integer, byte[]> got = new TreeMap<>();

    RecordingFleet(Fleet fleet) {
        super(fleet);
    }

    Map<Integer, byte[]> sent() {
        return sent;
    }

    Map<Integer, byte[]> got() {
        return got;
    }

    @Override
    protected Request down(int device, Request request) {
        sent.put(device, request.frame());
        return request;
    }

    @Override
    protected byte[] up(int device, byte[] frame, Requests requests) {
        got.put(device, frame);
        return frame;
    }
}
