package dev.fedtiny.network.device;

import dev.fedtiny.device.Device;
import dev.fedtiny.device.SessionCache;
import dev.fedtiny.protocol.FrameSink;
import dev.fedtiny.protocol.FrameSource;

/**
 * A device at work for a server.
 *
 * @param device answers requests
 * @param sessions where it works
 */
record DeviceWorker(Device device, SessionCache sessions) implements TurnLoop.Worker {
    @Override
    public void work(byte[] head, FrameSource rest, FrameSink answer) {
        device.handle(head, rest, answer, sessions);
    }

    @Override
    public void callOff() {
        sessions.cancellation().call();
    }
}
