package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import java.util.function.IntFunction;

/**
 * What a request is read by.
 *
 * @param network the network values belong to
 * @param tasks what a device may be asked to do
 * @param held the mask the device holds
 * @param candidates of the pool it holds, 0 for none
 * @param lent for a parameter an array that values to train may be read into, or null; used where it has the right length
 */
record RequestContext(Network network, Kinds<TaskKind> tasks, CachedMasks held, int candidates, IntFunction<float[]> lent) {
    /** Reads one kind of request. */
    @FunctionalInterface
    interface Reader {
        /** Reads the payload, trusting nothing. */
        ServerMessage read(PayloadReader reader, RequestContext context);
    }
}
