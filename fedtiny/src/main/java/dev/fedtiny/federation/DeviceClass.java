package dev.fedtiny.federation;

import dev.fedtiny.engine.pruning.LayerCounts;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * Devices that can hold as much of the model as each other.
 *
 * @param name for people and for devices that say what they are: small letters, digits and hyphens
 * @param density d of what they hold, over the prunable weights
 * @param devices how many there are in a simulation
 * @param memoryBytes heap of a device; empty where that is not said
 */
public record DeviceClass(String name, double density, int devices, OptionalLong memoryBytes) {
    /** What a name looks like. */
    static final String NAME = "[a-z][a-z0-9-]{0,31}";

    /** Checks the ranges. */
    public DeviceClass {
        LayerCounts.checkDensity(density);
        Objects.requireNonNull(memoryBytes, "memory");
        if (!name.matches(NAME) || devices < 1 || memoryBytes.isPresent() && memoryBytes.getAsLong() < 1) {
            throw new IllegalArgumentException("class of devices '" + name + "' with " + devices + " devices and memory " + memoryBytes
                    + ", expected a name of small letters, digits and hyphens, at least one device, and memory above 0");
        }
    }
}
