package dev.fedtiny.cluster;

import java.util.List;

/** Something is needed that the node was not sent yet, or has dropped: the turn comes again and brings it. */
public final class MissingObjectsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient List<String> hashes;

    /**
     * These are needed.
     *
     * @param hashes SHA-256 of each, in hexadecimal
     */
    public MissingObjectsException(List<String> hashes) {
        super("missing here: " + hashes);
        this.hashes = List.copyOf(hashes);
    }

    /** {@return SHA-256 of each} */
    public List<String> hashes() {
        return hashes;
    }
}
