package dev.fedtiny.method;

import dev.fedtiny.device.Device;
import java.util.List;
import java.util.stream.IntStream;

/** The devices of {@link TinyRuns}, for tests of other packages. */
public final class TinyFleet {
    private TinyFleet() {
    }

    /** Devices 0 to 3. */
    public static List<Device> devices() {
        TrainingPlan plan = TinyRuns.plan(1);
        return IntStream.range(0, TinyRuns.DEVICES).mapToObj(k -> new Device(k, plan.network(), TinyRuns.DATA.devices().get(k),
                plan.deviceSettings())).toList();
    }
}
