package dev.fedtiny.device;

import dev.fedtiny.protocol.Failure;
import java.util.function.Consumer;

/** Is told of every request that a device could not do. */
@FunctionalInterface
public interface FailureListener {
    /**
     * Called on the thread that works, before the answer leaves.
     *
     * @param told what the server is told
     * @param cause what happened, which may be more than the server is told
     */
    void failed(Failure told, Throwable cause);

    /**
     * Is told in a sentence, whatever the server is told.
     *
     * @param taker gets the sentence, without the device's number
     * @return to be told
     */
    static FailureListener inWords(Consumer<String> taker) {
        return (_, cause) -> taker.accept("a request could not be done: " + cause.getMessage()
                + (cause.getCause() == null ? "" : " (" + cause.getCause().getMessage() + ")"));
    }
}
