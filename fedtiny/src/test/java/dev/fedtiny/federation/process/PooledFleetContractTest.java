package dev.fedtiny.federation.process;

import dev.fedtiny.federation.ContractFrames;
import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.FleetContractTest;
import dev.fedtiny.federation.process.ProcessFleet.Rules;
import dev.fedtiny.protocol.Adopt;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.Metering;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;

/** Four devices in a pool of two processes, which two others stand in for where they hang. A process that hangs uses no processor. */
@Timeout(120)
class PooledFleetContractTest extends FleetContractTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final int PROCESSES = 2;

    /** A process on a thread of its own, which is whatever device it is told to be. */
    private static void serve(ProcessFleet fleet, int number, long process, List<Semaphore> gates) throws IOException {
        FrameConnection connection = new FakeDevice(fleet.address(), number, fleet.token(number), process).connection;
        Thread.ofPlatform().daemon().start(() -> {
            try {
                int device = -1;
                while (true) {
                    byte[] request = connection.receive();
                    if (Adopt.isOne(request)) {
                        device = Adopt.decode(request).device();
                        continue;
                    }
                    gates.get(device).acquire();
                    gates.get(device).release();
                    connection.send(ContractFrames.answer(Frame.roundOf(request), device));
                }
            } catch (IOException | InterruptedException e) {
                // The fleet, or the test, has closed the connection.
            }
        });
    }

    @Override
    protected Scripted scripted() throws Exception {
        Process asleep = new ProcessBuilder("sleep", "600").start();
        ProcessFleet fleet = ProcessFleet.pooled(new Rules(DEVICES, 2, LONG, Duration.ofSeconds(5), LONG, Restarts.NONE, 1 << 20),
                PROCESSES, (_, _, _, _) -> {
                    throw new IOException("none here");
                }, Metering.OFF);
        List<Semaphore> gates = Stream.generate(() -> new Semaphore(1)).limit(DEVICES).toList();
        for (int process = 0; process < 2 * PROCESSES; process++) {
            serve(fleet, process, asleep.pid(), gates);
        }
        fleet.renewed(List.of(0, 1, 2, 3));
        return new Scripted() {
            @Override
            public Fleet fleet() {
                return fleet;
            }

            @Override
            public Set<Fault> faults() {
                return EnumSet.of(Fault.HANGS);
            }

            @Override
            public void hang(int device) throws InterruptedException {
                gates.get(device).acquire();
            }

            @Override
            public void goOn(int device) {
                gates.get(device).release();
            }

            @Override
            public void close() {
                fleet.close();
                asleep.destroyForcibly();
            }
        };
    }
}
