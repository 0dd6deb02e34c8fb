package dev.fedtiny.federation;

import dev.fedtiny.device.SessionMeter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.protocol.Measured;
import dev.fedtiny.protocol.Request;
import java.time.Duration;
import java.util.Optional;

/**
 * Measures what the server itself does in an exchange: makes requests, and reads, checks and averages answers. Messages are operators
 * called by their kind with {@code server} before it. Not thread-safe; each thread that makes requests has one of its own.
 */
public final class ServerMeter {
    private static final String PREFIX = SessionMeter.SERVER;

    private final SessionMeter meter = new SessionMeter(Workers.of(1));

    /** A meter that has measured nothing. */
    public ServerMeter() {
    }

    /**
     * Makes a request, and measures that.
     *
     * @param requests of the exchange
     * @param device from 0
     * @return the request
     */
    public Request request(Fleet.Requests requests, int device) {
        return request(meter, requests, device);
    }

    /** The same with the meter of whoever's thread makes it. */
    static Request request(SessionMeter meter, Fleet.Requests requests, int device) {
        meter.startMessage();
        Request request = requests.request(device);
        meter.stopMessage(PassKind.ENCODE, request.kind(), request.frameBytes(), PREFIX);
        return request;
    }

    /**
     * The same answers taken, and the taking measured.
     *
     * @param answers of the exchange
     * @return takes them, and measures that
     */
    public Fleet.Answers answers(Fleet.Answers answers) {
        return new Fleet.Answers() {
            @Override
            public Optional<String> answered(int device, byte[] frame) {
                meter.startMessage();
                Optional<String> refusal = answers.answered(device, frame);
                meter.stopMessage(PassKind.DECODE, frame, PREFIX);
                return refusal;
            }

            @Override
            public void lost(int device, String reason) {
                answers.lost(device, reason);
            }

            @Override
            public boolean open() {
                return answers.open();
            }

            @Override
            public Optional<Duration> remaining() {
                return answers.remaining();
            }
        };
    }

    /** {@return what was measured since this was asked last} */
    public Measured take() {
        return meter.take();
    }
}
