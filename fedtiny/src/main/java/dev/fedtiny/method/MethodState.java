package dev.fedtiny.method;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.federation.MaskVersions;
import java.util.Objects;

/**
 * Everything a method carries from one round to the next, and so everything a checkpoint needs: an immutable value.
 *
 * @param round the next round to do, r
 * @param model θ, m and the aggregated running statistics
 * @param parts the masks in force: version, and what classes of devices hold that hold a part of the model
 * @param adjustments how many adjustments were done: the cyclic choice of layers goes by it
 * @param acknowledged the mask version that every device acknowledged last
 * @param costs everything spent so far, pretraining and stage one included
 * @param memory what the method itself remembers
 * @param server what the server's optimiser remembers
 */
public record MethodState(int round, ModelState model, ModelParts parts, int adjustments, MaskVersions acknowledged, Costs costs,
        AlgorithmState memory, ServerMemory server) {
    /**
     * Where all devices hold the whole model, and with nothing that a server's optimiser remembers.
     *
     * @param round the next round to do, r
     * @param model θ, m and the aggregated running statistics
     * @param maskVersion rises by one with every change of a mask
     * @param adjustments how many adjustments were done
     * @param acknowledged the mask version that every device acknowledged last
     * @param costs everything spent so far
     * @param memory what the method itself remembers
     */
    public MethodState(int round, ModelState model, int maskVersion, int adjustments, MaskVersions acknowledged, Costs costs,
            AlgorithmState memory) {
        this(round, model, ModelParts.none(maskVersion), adjustments, acknowledged, costs, memory, ServerMemory.NONE);
    }

    /** Checks the numbers. */
    public MethodState {
        Objects.requireNonNull(parts, "parts");
        if (round < 0 || parts.version() < 0 || adjustments < 0) {
            throw new IllegalArgumentException("state: round " + round + ", mask version " + parts.version() + " and adjustments "
                    + adjustments + " must not be negative");
        }
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(costs, "costs");
        Objects.requireNonNull(memory, "memory");
        Objects.requireNonNull(acknowledged, "acknowledged");
        Objects.requireNonNull(server, "server");
    }

    /** {@return the version of the masks in force: rises by one with every change of a mask} */
    public int maskVersion() {
        return parts.version();
    }

    /**
     * This state with the model of an earlier one: what was learnt since is thrown away, what was spent is not, and the next round is this
     * state's. Devices that have masks of their own are given the earlier ones again.
     *
     * @param earlier a state of the same run, whose model is good
     * @return the state of the next round
     */
    public MethodState backTo(MethodState earlier) {
        MaskVersions holding = memory.masksOfDevices() ? MaskVersions.NONE : acknowledged;
        return new MethodState(round, earlier.model, earlier.parts, earlier.adjustments, holding, costs, earlier.memory, earlier.server);
    }
}
