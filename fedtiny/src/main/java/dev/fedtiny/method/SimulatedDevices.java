package dev.fedtiny.method;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.device.Device;
import dev.fedtiny.device.FailureListener;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.InProcessFleet;
import dev.fedtiny.protocol.DeviceSettings;
import dev.fedtiny.protocol.Metering;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Devices of a simulation in this process. */
final class SimulatedDevices {
    private SimulatedDevices() {
    }

    /**
     * One device a share of the images.
     *
     * @param slots devices that train at the same time
     * @param untold takes what devices could not do where they do not tell their server, which is under secure aggregation; called on
     *        devices' threads
     */
    static Fleet fleet(TrainingPlan plan, List<Dataset> shares, int slots, Workers workers, Metering metering, Consumer<String> untold) {
        DeviceSettings settings = plan.deviceSettings();
        IntFunction<Device> maker = k -> {
            Device device = new Device(k, plan.network(), shares.get(k), settings);
            if (settings.secure().isPresent()) {
                device.onFailed(FailureListener.inWords(text -> untold.accept("device " + k + ": " + text)));
            }
            return device;
        };
        // Devices with secrets are not made anew between the steps of a secure sum.
        return settings.secure().isPresent()
                ? new InProcessFleet(IntStream.range(0, shares.size()).mapToObj(maker).toList(), slots, workers, metering)
                : InProcessFleet.ofMany(shares.size(), maker, slots, workers, metering);
    }
}
