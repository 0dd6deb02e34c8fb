package dev.fedtiny.method;

import dev.fedtiny.engine.sparse.Mask;
import java.io.IOException;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * For every device one mask a parameter, in little memory: a device whose masks are all full takes the eight bytes of its place, any
 * other a bit a position, or four bytes an active position where that is less. What is read is made anew each time, which costs as much
 * as the masks have positions. Immutable, thread-safe.
 */
public final class PackedMasks extends AbstractList<List<Mask>> {
    /** Stands for those that are full. */
    private static final Own FULL = new Own(new Packed[0]);

    private final int[] sizes;
    /** By device; null: full. */
    private final Own[] devices;

    private PackedMasks(int[] sizes, Own[] devices) {
        this.sizes = sizes;
        this.devices = devices;
    }

    /** Masks of one device, of which one at least is not full. */
    private record Own(Packed[] parameters) {
        static Own of(List<Mask> masks) {
            return masks.stream().allMatch(Mask::isFull) ? null : new Own(masks.stream().map(Packed::of).toArray(Packed[]::new));
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Own that && Arrays.equals(parameters, that.parameters);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(parameters);
        }
    }

    /** A mask that is not full: its positions, or bits, the first one lowest. Arrays of length 0 where it is the other. */
    private record Packed(int count, int[] positions, byte[] bits) {
        /** Null: full. */
        static Packed of(Mask mask) {
            if (mask.isFull()) {
                return null;
            }
            int bytes = (mask.size() + 7) / 8;
            if (mask.bytes() <= bytes) {
                return new Packed(mask.count(), mask.indices(), new byte[0]);
            }
            byte[] bits = new byte[bytes];
            for (int i = 0; i < mask.count(); i++) {
                int position = mask.index(i);
                bits[position >> 3] |= (byte) (1 << (position & 7));
            }
            return new Packed(mask.count(), new int[0], bits);
        }

        Mask mask(int size) {
            if (bits.length == 0) {
                return Mask.of(size, positions);
            }
            int[] active = new int[count];
            int to = 0;
            for (int position = 0; position < size; position++) {
                if ((bits[position >> 3] >> (position & 7) & 1) != 0) {
                    active[to++] = position;
                }
            }
            return Mask.of(size, active);
        }

        long bytes() {
            return bits.length + 4L * positions.length;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Packed that && count == that.count && Arrays.equals(positions, that.positions)
                    && Arrays.equals(bits, that.bits);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(positions) + Arrays.hashCode(bits);
        }
    }

    /**
     * Devices whose masks are full.
     *
     * @param devices how many
     * @param parameters values of all parameters, of which only the lengths count
     * @return their masks
     */
    public static PackedMasks full(int devices, List<float[]> parameters) {
        return new PackedMasks(parameters.stream().mapToInt(values -> values.length).toArray(), new Own[devices]);
    }

    /** Reads the mask of a parameter. */
    interface MaskReader {
        /** One a call, parameter by parameter, device by device. */
        Mask read(int parameter) throws IOException;
    }

    /** Packs what is read as it comes. */
    static PackedMasks read(int devices, List<float[]> parameters, MaskReader reader) throws IOException {
        PackedMasks all = full(devices, parameters);
        for (int device = 0; device < devices; device++) {
            List<Mask> masks = new ArrayList<>();
            for (int p = 0; p < parameters.size(); p++) {
                masks.add(reader.read(p));
            }
            all.devices[device] = Own.of(masks);
        }
        return all;
    }

    /**
     * The same with masks of some devices replaced. A device that was not there is added, and those before it with full masks.
     *
     * @param changed by device, one mask a parameter
     * @return other masks; these stay as they are
     */
    public PackedMasks with(Map<Integer, List<Mask>> changed) {
        int count = changed.keySet().stream().mapToInt(device -> device + 1).reduce(devices.length, Math::max);
        Own[] next = Arrays.copyOf(devices, count);
        changed.forEach((device, masks) -> {
            Own own = Own.of(masks);
            next[device] = own != null && own.equals(next[device]) ? next[device] : own;
        });
        return new PackedMasks(sizes, next);
    }

    /** A device's masks, one a parameter. */
    @Override
    public List<Mask> get(int device) {
        Own own = devices[Objects.checkIndex(device, devices.length)];
        List<Mask> masks = new ArrayList<>(sizes.length);
        for (int p = 0; p < sizes.length; p++) {
            masks.add(own == null || own.parameters[p] == null ? Mask.full(sizes[p]) : own.parameters[p].mask(sizes[p]));
        }
        return List.copyOf(masks);
    }

    @Override
    public int size() {
        return devices.length;
    }

    /**
     * Active positions of a device's parameter, without making its mask.
     *
     * @param device which
     * @param parameter which
     * @return how many
     */
    int count(int device, int parameter) {
        Own own = devices[device];
        return own == null || own.parameters[parameter] == null ? sizes[parameter] : own.parameters[parameter].count;
    }

    /**
     * Something of every device, in order, that depends on its masks alone: made once for all that have the same.
     *
     * @param make of masks
     * @param <T> what is made
     * @return one a device
     */
    <T> List<T> each(Function<List<Mask>, T> make) {
        Map<Own, T> known = new HashMap<>();
        List<T> all = new ArrayList<>(devices.length);
        for (int device = 0; device < devices.length; device++) {
            int which = device;
            all.add(known.computeIfAbsent(devices[device] == null ? FULL : devices[device], _ -> make.apply(get(which))));
        }
        return all;
    }

    /** {@return bytes of bits and positions} */
    public long bytes() {
        return Arrays.stream(devices).filter(Objects::nonNull).flatMap(own -> Arrays.stream(own.parameters)).filter(Objects::nonNull)
                .mapToLong(Packed::bytes).sum();
    }

    /**
     * The most bytes that devices' masks can take.
     *
     * @param devices that have masks of their own
     * @param parameters values of those parameters that can be pruned
     * @return a bit a position
     */
    static long mostBytes(long devices, List<Integer> parameters) {
        return devices * parameters.stream().mapToLong(size -> (size + 7L) / 8).sum();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PackedMasks that ? Arrays.equals(sizes, that.sizes) && Arrays.equals(devices, that.devices)
                : super.equals(other);
    }

    @Override
    public int hashCode() {
        return super.hashCode();
    }
}
