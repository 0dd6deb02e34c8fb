package dev.fedtiny.federation;

import dev.fedtiny.protocol.CachedMasks;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Which masks every device holds, as far as the server knows: a device that was never heard of holds none. Immutable.
 *
 * @param versions by number of the device, as far as the largest that is known; {@link CachedMasks#NONE} where it holds none
 */
public record MaskVersions(List<Integer> versions) {
    /** Nobody holds any. */
    public static final MaskVersions NONE = new MaskVersions(List.of());

    /** Keeps its own list. */
    public MaskVersions {
        versions = List.copyOf(versions);
    }

    /**
     * What a device holds.
     *
     * @param device its number
     * @return the version it acknowledged last, or {@link CachedMasks#NONE}
     */
    public int of(int device) {
        return device < versions.size() ? versions.get(device) : CachedMasks.NONE;
    }

    /**
     * The same where some devices hold another version.
     *
     * @param devices their numbers
     * @param version what they hold, or {@link CachedMasks#NONE}
     * @return the versions after that
     */
    public MaskVersions with(Collection<Integer> devices, int version) {
        List<Integer> changed = new ArrayList<>(versions);
        for (int device : devices) {
            while (changed.size() <= device) {
                changed.add(CachedMasks.NONE);
            }
            changed.set(device, version);
        }
        return new MaskVersions(changed);
    }
}
