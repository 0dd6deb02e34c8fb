package dev.fedtiny.method;

import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.RelayedFleet;
import dev.fedtiny.protocol.DeviceMessage;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.Request;
import java.util.function.UnaryOperator;

/** A fleet in which one device is a {@link Liar}. */
final class LyingFleet extends RelayedFleet {
    private final int number;
    private final Liar liar;

    LyingFleet(Fleet fleet, int number, MessageKind kind, UnaryOperator<DeviceMessage> lie) {
        super(fleet);
        this.number = number;
        this.liar = new Liar(number, kind, lie);
    }

    @Override
    protected Request down(int device, Request request) {
        if (device == number) {
            liar.asked(request.frame());
        }
        return request;
    }

    @Override
    protected byte[] up(int device, byte[] frame, Requests requests) {
        return device == number ? liar.answered(frame) : frame;
    }
}
