package dev.fedtiny.cluster;

import dev.fedtiny.data.ImageFile;
import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.FleetContractTest;
import dev.fedtiny.federation.Platforms;
import dev.fedtiny.method.TinyFleet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node a device, which alone holds its data: one that hangs or is gone is its device's fault. */
@Timeout(120)
class EngineFleetContractTest extends FleetContractTest {
    @TempDir
    Path folder;

    private final Semaphore[] gates = new Semaphore[DEVICES];

    private TurnNode node(int device) throws Exception {
        Path share = Files.createDirectories(folder.resolve("share-" + device));
        Path file = share.resolve("device-" + device + ".images");
        if (Files.notExists(file)) {
            ImageFile.write(TinyFleet.data(device), file);
        }
        return new TurnNode(1, Optional.of(share), Optional.of("node-" + device));
    }

    private void join(LocalTurnEngine engine, int device) throws Exception {
        TurnNode node = node(device);
        Semaphore gate = new Semaphore(1);
        gates[device] = gate;
        engine.join(device, turn -> {
            if (Turn.decode(turn).task().equals(DeviceTurns.NAME)) {
                gate.acquireUninterruptibly();
                gate.release();
            }
            return node.run(turn);
        });
    }

    private static void await(Cluster cluster, int nodes) throws Exception {
        while (cluster.nodes().size() < nodes) {
            Thread.sleep(5);
        }
    }

    @Override
    protected Scripted scripted() throws Exception {
        LocalTurnEngine engine = new LocalTurnEngine();
        for (int device = 0; device < DEVICES; device++) {
            join(engine, device);
        }
        // Work waits as long for a node that comes back as a test that has it lost can wait.
        Cluster.Rules rules = new Cluster.Rules(Duration.ofMinutes(10), 3, Duration.ofMillis(500));
        Cluster cluster = new Cluster(engine, Platforms.SAME, rules, _ -> { });
        await(cluster, DEVICES);
        EngineFleet fleet = new EngineFleet(cluster, TinyFleet.terms(), new DeviceData.Held(DEVICES));
        return new Scripted() {
            @Override
            public Fleet fleet() {
                return fleet;
            }

            @Override
            public Set<Fault> faults() {
                return EnumSet.of(Fault.HANGS, Fault.KILLED);
            }

            @Override
            public void hang(int device) throws InterruptedException {
                gates[device].acquire();
            }

            @Override
            public void goOn(int device) {
                gates[device].release();
            }

            @Override
            public void kill(int device) {
                engine.kill(device);
            }

            @Override
            public void comeBack(int device) throws Exception {
                if (engine.keys().contains(device)) {
                    engine.kill(device);
                }
                while (cluster.nodes().stream().anyMatch(node -> node.shares().contains(device))) {
                    Thread.sleep(5);
                }
                join(engine, device);
                await(cluster, DEVICES);
            }

            @Override
            public void close() {
                fleet.close();
            }
        };
    }
}
