package dev.fedtiny.network.device;

import java.io.IOException;

/** The turn that the device works on is over: whatever comes of it, nobody waits for it any more. */
final class TurnOverException extends IOException {
    private static final long serialVersionUID = 1;

    TurnOverException(String reason) {
        super(reason);
    }
}
