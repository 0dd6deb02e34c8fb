package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fedtiny.device.Device;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.InProcessFleet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Faults of this process while devices are asked are not told as failures of devices. */
class FleetFaultTest {
    private static final class Taken implements Fleet.Answers {
        private final List<String> lost = new ArrayList<>();

        @Override
        public Optional<String> answered(int device, byte[] frame) {
            lost.add("answered " + device);
            return Optional.empty();
        }

        @Override
        public void lost(int device, String reason) {
            lost.add(device + ": " + reason);
        }
    }

    private static Fleet fleet(int slots) {
        TrainingPlan plan = TinyRuns.plan(1, 2);
        List<Device> devices = new ArrayList<>();
        for (int k = 0; k < 2; k++) {
            devices.add(new Device(k, plan.network(), TinyRuns.DATA.devices().get(k), plan.deviceSettings()));
        }
        return new InProcessFleet(devices, slots, Workers.of(1));
    }

    @Test
    void anErrorEndsTheExchangeWithOneSlotAndWithMore() {
        for (int slots : new int[] {1, 2}) {
            for (Error fault : List.of(new StackOverflowError(), new NoClassDefFoundError("x"), new OutOfMemoryError("x"))) {
                Taken taken = new Taken();
                try (Fleet fleet = fleet(slots)) {
                    assertSame(fault, assertThrows(Error.class, () -> fleet.exchange(List.of(0, 1), _ -> {
                        throw fault;
                    }, taken)));
                }
                assertEquals(List.of(), taken.lost);
            }
        }
    }

    @Test
    void anExceptionOfADevicesThreadIsNamed() {
        Taken taken = new Taken();
        try (Fleet fleet = fleet(2)) {
            fleet.exchange(List.of(1), _ -> {
                throw new IllegalStateException();
            }, taken);
        }
        assertEquals(List.of("1: device 1 could not be asked (java.lang.IllegalStateException)"), taken.lost);
    }
}
