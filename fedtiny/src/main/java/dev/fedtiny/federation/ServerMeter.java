package dev.fedtiny.federation;

import dev.fedtiny.device.SessionMeter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.protocol.Measured;

/**
 * Measures what the server itself does in an exchange: makes requests, and reads, checks and averages answers. Messages are operators
 * called by their kind with {@code server} before it. Not thread-safe; each thread that makes requests has one of its own.
 */
public final class ServerMeter {
    static final String PREFIX = "server ";

    private final SessionMeter meter = new SessionMeter(Workers.of(1));

    /** A meter that has measured nothing. */
    public ServerMeter() {
    }

    /** Makes a request, and measures that. */
    public byte[] request(Fleet.Requests requests, int device) {
        meter.startMessage();
        byte[] frame = requests.frame(device);
        meter.stopMessage(PassKind.ENCODE, frame, PREFIX);
        return frame;
    }

    /** The same answers taken, and the taking measured. */
    public Fleet.Answers answers(Fleet.Answers answers) {
        return new Fleet.Answers() {
            @Override
            public void answered(int device, byte[] frame) {
                meter.startMessage();
                answers.answered(device, frame);
                meter.stopMessage(PassKind.DECODE, frame, PREFIX);
            }

            @Override
            public void lost(int device, String reason) {
                answers.lost(device, reason);
            }
        };
    }

    /** What was measured since this was asked last. */
    public Measured take() {
        return meter.take();
    }
}
