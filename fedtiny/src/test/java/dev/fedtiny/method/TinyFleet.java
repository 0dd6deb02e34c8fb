package dev.fedtiny.method;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.device.Device;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.SessionTerms;
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

    /** The images of one of them. */
    public static Dataset data(int device) {
        return TinyRuns.DATA.devices().get(device);
    }

    /** What they are told. */
    public static SessionTerms terms() {
        TrainingPlan plan = TinyRuns.plan(1);
        return new SessionTerms(plan.network(), plan.deviceSettings(), Metering.OFF);
    }
}
