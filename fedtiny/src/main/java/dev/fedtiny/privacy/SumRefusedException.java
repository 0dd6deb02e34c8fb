package dev.fedtiny.privacy;

/** A device, or a server, does not go on with a secure sum: what was asked or answered is not what the rules allow. */
public final class SumRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * With a reason.
     *
     * @param reason one sentence
     */
    public SumRefusedException(String reason) {
        super(reason);
    }
}
