package dev.fedtiny.network.device;

import java.io.IOException;

/** The server, or this device, says no, and asking again would not help: a token that is used, a certificate that is another's. */
public final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    /**
     * A refusal.
     *
     * @param reason in a sentence
     * @param cause what told it, or null
     */
    public RefusedException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
