package dev.fedtiny.federation.process;

import dev.fedtiny.federation.ContractFrames;
import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.FleetContractTest;
import dev.fedtiny.federation.process.ProcessFleet.Rules;
import dev.fedtiny.protocol.Frame;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Timeout;

/** Devices behind sockets, two lanes for four of them. Their processes sleep: one that hangs uses no processor. */
@Timeout(300)
class ProcessFleetContractTest extends FleetContractTest {
    private static final Duration LONG = Duration.ofMinutes(10);

    /** A device on a thread of its own. */
    private static final class Remote {
        private final FakeDevice device;
        private final Semaphore gate = new Semaphore(1);
        private volatile byte[] last;

        Remote(ProcessFleet fleet, int number, long process) throws IOException {
            device = new FakeDevice(fleet.address(), number, fleet.token(number), process);
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    while (true) {
                        byte[] request = device.connection.receive();
                        gate.acquire();
                        gate.release();
                        last = ContractFrames.answer(Frame.roundOf(request), number);
                        device.connection.send(last);
                    }
                } catch (IOException | InterruptedException e) {
                    // The fleet, or the test, has closed the connection.
                }
            });
        }
    }

    @Override
    protected Scripted scripted() throws Exception {
        Process asleep = new ProcessBuilder("sleep", "600").start();
        ProcessFleet fleet = new ProcessFleet(new Rules(DEVICES, 2, LONG, Duration.ofSeconds(5), LONG, Restarts.NONE, 1 << 20),
                (_, _, _, _) -> {
                    throw new IOException("none here");
                });
        Remote[] remotes = new Remote[DEVICES];
        for (int k = 0; k < DEVICES; k++) {
            remotes[k] = new Remote(fleet, k, asleep.pid());
        }
        fleet.renewed(List.of(0, 1, 2, 3));
        return new Scripted() {
            @Override
            public Fleet fleet() {
                return fleet;
            }

            @Override
            public Set<Fault> faults() {
                return EnumSet.allOf(Fault.class);
            }

            @Override
            public void hang(int device) throws InterruptedException {
                remotes[device].gate.acquire();
            }

            @Override
            public void goOn(int device) {
                remotes[device].gate.release();
            }

            @Override
            public void kill(int device) {
                remotes[device].device.close();
            }

            @Override
            public void comeBack(int device) throws IOException {
                remotes[device] = new Remote(fleet, device, asleep.pid());
                fleet.renewed(List.of(device));
            }

            @Override
            public void repeatLastAnswer(int device) throws IOException {
                remotes[device].device.connection.send(remotes[device].last);
            }

            @Override
            public void close() {
                fleet.close();
                asleep.destroyForcibly();
            }
        };
    }
}
