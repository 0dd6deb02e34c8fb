package dev.fedtiny.network.server;

import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.federation.ContractFrames;
import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.FleetContractTest;
import dev.fedtiny.network.DeviceKey;
import dev.fedtiny.network.device.OpaqueDevice;
import dev.fedtiny.protocol.DeviceToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Timeout;

/** The fleet over HTTPS, with devices that enrol, sign and poll. */
@Timeout(300)
class NetworkFleetContractTest extends FleetContractTest {
    @Override
    protected Scripted scripted() throws Exception {
        return new OverHttps();
    }

    private static final class OverHttps implements Scripted {
        private final Path folder = PrivateFolder.temporary("fedtiny-contract");
        private final TestServer server = new TestServer(folder);
        private final NetworkFleet fleet = new NetworkFleet(server.server(), new NetworkFleet.Rules(1, DevelopmentSplit.usual(1),
                TestServer.PATIENCE));
        private final List<DeviceKey> keys = new ArrayList<>();
        private final Map<Integer, OpaqueDevice> devices = new ConcurrentHashMap<>();
        private final Map<Integer, CountDownLatch> hanging = new ConcurrentHashMap<>();

        private OverHttps() throws Exception {
            for (int device = 0; device < DEVICES; device++) {
                keys.add(DeviceKey.generate());
                devices.put(device, start(device, Optional.of(server.token())));
                fleet.await(device + 1);
            }
            fleet.renewed(fleet.roster());
        }

        private OpaqueDevice start(int device, Optional<DeviceToken> token) throws IOException {
            return new OpaqueDevice(server.uri(), TestServer.trust(), keys.get(device), token, folder, TestServer.PATIENCE,
                    (round, number) -> {
                        CountDownLatch latch = hanging.get(number);
                        if (latch != null) {
                            latch.await();
                        }
                        return ContractFrames.answer(round, number);
                    });
        }

        @Override
        public Fleet fleet() {
            return fleet;
        }

        @Override
        public Set<Fault> faults() {
            return Set.of(Fault.HANGS, Fault.KILLED);
        }

        @Override
        public void hang(int device) {
            hanging.put(device, new CountDownLatch(1));
        }

        @Override
        public void goOn(int device) {
            hanging.remove(device).countDown();
        }

        @Override
        public void silencePasses() {
            server.silencePasses();
        }

        @Override
        public void kill(int device) throws IOException {
            devices.get(device).close();
        }

        @Override
        public void comeBack(int device) throws Exception {
            hanging.remove(device);
            devices.get(device).close();
            devices.put(device, start(device, Optional.empty()));
            long before = System.nanoTime();
            // The others have been silent since time was let pass, until they ask for work again.
            while (devices.get(device).made() == 0 || fleet.roster().size() < DEVICES) {
                if (System.nanoTime() - before > TestServer.PATIENCE.toNanos()) {
                    throw new IllegalStateException("device " + device + " did not come back: " + devices.get(device).notes());
                }
                Thread.sleep(10);
            }
        }

        @Override
        public void close() {
            hanging.values().forEach(CountDownLatch::countDown);
            try {
                fleet.close();
                for (OpaqueDevice device : devices.values()) {
                    device.close();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            PrivateFolder.remove(folder);
        }
    }
}
