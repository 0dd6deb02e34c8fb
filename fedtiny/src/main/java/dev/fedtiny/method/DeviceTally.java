package dev.fedtiny.method;

import dev.fedtiny.engine.measure.Exact;
import dev.fedtiny.protocol.Update;
import java.util.List;
import java.util.TreeMap;

/** Adds up what each device has to do with a round, over all attempts. Not thread-safe. */
final class DeviceTally {
    private final TreeMap<Integer, DeviceRound> rounds = new TreeMap<>();

    private DeviceRound of(int device) {
        return rounds.getOrDefault(device, new DeviceRound(device, 0, Double.NaN, 0, 0, 0, Double.NaN));
    }

    /** A device answered, in time or not. */
    void answered(int device, long down, long up) {
        DeviceRound sum = of(device);
        rounds.put(device, new DeviceRound(device, sum.samples(), sum.loss(), sum.flops(),
                Exact.sum("bytes to a device", sum.bytesDown(), down), Exact.sum("bytes from a device", sum.bytesUp(), up), sum.seconds()));
    }

    /** A device worked. Returns what it has done in all. */
    long charged(int device, long flops) {
        DeviceRound sum = of(device);
        long all = Exact.sum("FLOPs of a device", sum.flops(), flops);
        rounds.put(device, new DeviceRound(device, sum.samples(), sum.loss(), all, sum.bytesDown(), sum.bytesUp(), sum.seconds()));
        return all;
    }

    /** A device's update was taken. */
    void taken(int device, Update update, int epochs) {
        DeviceRound sum = of(device);
        double trained = (double) (update.samples() - update.result().heldOut()) * epochs;
        rounds.put(device, new DeviceRound(device, update.samples(), trained > 0 ? update.lossSum() / trained : Double.NaN, sum.flops(),
                sum.bytesDown(), sum.bytesUp(), update.nanos() / 1e9));
    }

    /** Updates that were taken are used for nothing: of these devices none counts, but what it cost. */
    void discarded(List<Integer> reporters) {
        for (int device : reporters) {
            DeviceRound sum = of(device);
            rounds.put(device, new DeviceRound(device, 0, Double.NaN, sum.flops(), sum.bytesDown(), sum.bytesUp(), Double.NaN));
        }
    }

    /** By device. */
    List<DeviceRound> rounds() {
        return List.copyOf(rounds.values());
    }
}
