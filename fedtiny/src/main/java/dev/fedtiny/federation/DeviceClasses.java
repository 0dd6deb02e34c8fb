package dev.fedtiny.federation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Classes of devices with different memories, the densest first: that one holds the whole model, each other one a part of what the one
 * before it holds. In a simulation devices are numbered class by class, the densest first. Holds nothing by device, however many there are.
 *
 * @param all densest first; empty where all devices hold the whole model
 */
public record DeviceClasses(List<DeviceClass> all) {
    /** All devices hold the whole model. */
    public static final DeviceClasses NONE = new DeviceClasses(List.of());

    private static final double MIB = 1 << 20;

    /** Puts them in order, and checks that they differ. */
    public DeviceClasses {
        Set<String> names = new HashSet<>();
        Set<Double> densities = new HashSet<>();
        for (DeviceClass one : all) {
            if (!names.add(one.name()) || !densities.add(one.density())) {
                throw new IllegalArgumentException("two classes of devices are called '" + one.name() + "' or have the density "
                        + one.density() + "; make them one, or change it");
            }
        }
        all = all.stream().sorted(Comparator.comparingDouble(DeviceClass::density).reversed()).toList();
    }

    /** {@return whether there are any} */
    public boolean isEmpty() {
        return all.isEmpty();
    }

    /** {@return how many different models devices hold, at least 1} */
    public int models() {
        return Math.max(1, all.size());
    }

    /**
     * The class of a device: the one it names, or the densest whose memory it has; by its number where it says nothing, as in a simulation.
     *
     * @param device its number
     * @param capacity what it says that it can hold
     * @return place among {@link #all}; 0 without classes
     * @throws IllegalArgumentException with the words of {@link #refusal}
     */
    public int of(int device, Capacity capacity) {
        if (all.isEmpty()) {
            return 0;
        }
        if (capacity.equals(Capacity.UNSTATED)) {
            return byNumber(device);
        }
        return find(capacity).orElseThrow(() -> new IllegalArgumentException("device " + device + ": " + refusal(capacity).orElseThrow()));
    }

    private int byNumber(int device) {
        long below = 0;
        for (int place = 0; place < all.size(); place++) {
            below += all.get(place).devices();
            if (device < below) {
                return place;
            }
        }
        return all.size() - 1;
    }

    private Optional<Integer> find(Capacity capacity) {
        for (int place = 0; place < all.size(); place++) {
            DeviceClass one = all.get(place);
            boolean suits = capacity.className().isPresent() ? one.name().equals(capacity.className().get())
                    : one.memoryBytes().isPresent() && capacity.heapBytes().orElse(0) >= one.memoryBytes().getAsLong();
            if (suits) {
                return Optional.of(place);
            }
        }
        return Optional.empty();
    }

    /**
     * Why a device is of no class.
     *
     * @param capacity what it says that it can hold
     * @return one sentence; empty where it has a class, or there are none
     */
    public Optional<String> refusal(Capacity capacity) {
        if (all.isEmpty() || capacity.equals(Capacity.UNSTATED) || find(capacity).isPresent()) {
            return Optional.empty();
        }
        String said = capacity.className().map(name -> "it says that it is of the class '" + name + "'")
                .orElseGet(() -> String.format(Locale.ROOT, "it names no class and may hold %.1f MiB",
                        capacity.heapBytes().orElse(0) / MIB));
        return Optional.of(said + ", the classes of this run are " + this);
    }

    /** For people. */
    @Override
    public String toString() {
        List<String> words = new ArrayList<>();
        for (DeviceClass one : all) {
            words.add("'" + one.name() + "' (density " + one.density() + (one.memoryBytes().isEmpty() ? ", by name only"
                    : String.format(Locale.ROOT, ", by name or from %.1f MiB on", one.memoryBytes().getAsLong() / MIB)) + ")");
        }
        return words.stream().collect(Collectors.joining(", "));
    }
}
