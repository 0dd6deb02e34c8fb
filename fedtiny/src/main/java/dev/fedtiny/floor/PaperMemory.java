package dev.fedtiny.floor;

import dev.fedtiny.engine.nn.Network;
import dev.fedtiny.engine.nn.Parameter;

/** What the paper counts as a device's memory: parameters and gradients, no activations; bytes, m = ⌊d·n⌉ weights kept of n prunable. */
public final class PaperMemory {
    private PaperMemory() {
    }

    /**
     * FedAvg: 2·32 bits and a mask bit for every one of P parameters. PruneFL: the model as a bitmask (n bits, 32 bits a value) and 32 bits a
     * parameter for the importance. Others: the bitmask model, 32 bits a value for gradients, and, where they grow, 12 bytes for each of
     * 0.3·m buffered gradients.
     */
    public static long bytes(Network network, String method, double density) {
        long prunable = network.prunable().stream().mapToLong(i -> network.parameters().get(i).size()).sum();
        long all = network.parameters().stream().filter(p -> p.kind().trainable()).mapToLong(Parameter::size).sum();
        long kept = Math.round(density * prunable);
        long values = kept + all - prunable;
        long bitmask = prunable / 8 + 4 * values;
        return switch (method) {
            case "fedavg" -> 8 * all + all / 8;
            case "prunefl" -> bitmask + 4 * all;
            case "fedtiny", "feddst", "fedmef", "fedrts", "fedsgc" -> bitmask + 4 * values + Math.round(12 * 0.3 * kept);
            default -> bitmask + 4 * values;
        };
    }
}
