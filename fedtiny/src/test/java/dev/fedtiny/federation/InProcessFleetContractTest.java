package dev.fedtiny.federation;

import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.method.TinyFleet;
import java.util.Set;
import org.junit.jupiter.api.Timeout;

/** Devices in this process, whose turn ends before the exchange does: they neither hang nor vanish. Two at a time. */
@Timeout(300)
class InProcessFleetContractTest extends FleetContractTest {
    @Override
    protected Scripted scripted() {
        Fleet fleet = new InProcessFleet(TinyFleet.devices(), 2, Workers.of(1));
        return new Scripted() {
            @Override
            public Fleet fleet() {
                return fleet;
            }

            @Override
            public Set<Fault> faults() {
                return Set.of();
            }

            @Override
            public void close() {
                fleet.close();
            }
        };
    }
}
