package dev.fedtiny.federation;

import dev.fedtiny.protocol.CandidatePoolMessage;
import dev.fedtiny.pruning.CandidatePool;
import java.util.List;
import java.util.Objects;
import java.util.function.IntUnaryOperator;

/**
 * The candidates of stage one as every class of devices can hold them.
 *
 * @param byClass one pool a class of devices, densest first, all of the same candidates
 * @param classOf by number of the device its place among them
 */
public record Pools(List<CandidatePool> byClass, IntUnaryOperator classOf) {
    /** Keeps its own list. */
    public Pools {
        byClass = List.copyOf(byClass);
        Objects.requireNonNull(classOf, "classes");
    }

    /** {@return the number of candidates} */
    public int size() {
        return byClass.getFirst().size();
    }

    /** The request of every class. */
    List<CandidatePoolMessage> messages(CandidatePoolMessage.Task task, int batch) {
        return byClass.stream().map(pool -> new CandidatePoolMessage(task, batch, pool.activeCounts(), pool.union())).toList();
    }
}
