package dev.fedtiny.network.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.data.Samples;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.method.Methods;
import dev.fedtiny.network.device.FederatedDevice;
import dev.fedtiny.network.wire.Wire;
import dev.fedtiny.protocol.DeviceSettings;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.Orders;
import dev.fedtiny.protocol.SessionTerms;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A device is closed whatever it does, at once, and what cannot be done with one that is closed or at work is said. */
@Timeout(60)
class ClosingDeviceTest {
    @TempDir
    Path folder;

    private static byte[] terms() {
        Network.Builder network = Network.builder(Shape.features(2));
        network.linear("fc", 0, 2, true, false);
        return new SessionTerms(network.build(), new DeviceSettings(1, new Sgd(0, 0), Augmentation.NONE, DevelopmentSplit.usual(2),
                SessionOptions.DEFAULT, new Orders(Methods.tasks(), Optional.empty()), 0, 0), Metering.OFF).encode();
    }

    private FederatedDevice.Joining joining(StrangeServer server) throws IOException {
        return FederatedDevice.join(server.uri(), Optional.empty()).pin(TestServer.tls().fingerprint()).folder(folder)
                .data(() -> Samples.of(new float[][] {{1, 2}, {3, 4}}, new int[] {0, 1})).patience(ChronoUnit.FOREVER.getDuration());
    }

    private static StrangeServer over() throws IOException {
        return new StrangeServer(terms(), Map.of(Wire.TASK, exchange -> StrangeServer.reply(exchange, 200,
                JsonObject.builder().put("over", true).build())));
    }

    private static Thread run(FederatedDevice device, AtomicReference<Throwable> end) {
        return Thread.ofPlatform().daemon().start(() -> {
            try {
                device.run();
            } catch (Throwable e) {
                end.set(e);
            }
        });
    }

    private static void close(FederatedDevice device) throws IOException {
        device.close();
    }

    /** No interrupt wakes a thread that reads from a line. */
    @Test
    void aDeviceThatWaitsForWorkClosesAtOnce() throws Exception {
        CountDownLatch waits = new CountDownLatch(1);
        try (StrangeServer server = new StrangeServer(terms(), Map.of(Wire.TASK, _ -> {
            waits.countDown();
            Thread.sleep(Duration.ofMinutes(2));
        })); FederatedDevice device = joining(server).open()) {
            AtomicReference<Throwable> end = new AtomicReference<>();
            Thread thread = run(device, end);
            assertTrue(waits.await(30, TimeUnit.SECONDS));
            assertTrue(assertThrows(IllegalStateException.class, device::run).getMessage().contains("at work already"));
            long start = System.nanoTime();
            close(device);
            assertTrue(System.nanoTime() - start < Duration.ofSeconds(20).toNanos(), "closing waited for the server");
            thread.join();
            assertTrue(end.get() instanceof InterruptedIOException, String.valueOf(end.get()));
            close(device);
            assertTrue(assertThrows(IllegalStateException.class, device::run).getMessage().contains("closed"));
        }
    }

    @Test
    void aDeviceThatItsOwnListenerClosesEnds() throws Exception {
        try (StrangeServer server = new StrangeServer(terms(), Map.of(Wire.TASK, exchange -> StrangeServer.reply(exchange, 204,
                new byte[0])))) {
            AtomicReference<FederatedDevice> opened = new AtomicReference<>();
            opened.set(joining(server).when(() -> {
                try {
                    opened.get().close();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
                return true;
            }).open());
            assertEquals("this device was closed", assertThrows(InterruptedIOException.class, opened.get()::run).getMessage());
            assertEquals(0, server.asked(Wire.TASK));
        }
    }

    /** As an application does that trains only while a machine is charged. */
    @Test
    void anInterruptedDeviceMayRunAgain() throws Exception {
        try (StrangeServer server = over()) {
            CountDownLatch asked = new CountDownLatch(1);
            AtomicReference<Boolean> may = new AtomicReference<>(false);
            try (FederatedDevice device = joining(server).when(() -> {
                asked.countDown();
                return may.get();
            }).open()) {
                AtomicReference<Throwable> end = new AtomicReference<>();
                Thread thread = run(device, end);
                assertTrue(asked.await(30, TimeUnit.SECONDS));
                thread.interrupt();
                thread.join();
                assertTrue(end.get() instanceof InterruptedIOException, String.valueOf(end.get()));
                may.set(true);
                device.run();
            }
        }
    }

    /** A copied key or a shared folder of models would else have two devices take the session from each other for ever. */
    @Test
    void whatOneDeviceWorksWithNoOtherTakes() throws Exception {
        CountDownLatch waits = new CountDownLatch(1);
        Path key = folder.resolve("device.key");
        Path models = folder.resolve("models");
        try (StrangeServer server = new StrangeServer(terms(), Map.of(Wire.TASK, _ -> {
            waits.countDown();
            Thread.sleep(Duration.ofMinutes(2));
        })); StrangeServer another = over(); FederatedDevice first = joining(server).keys(key).keep(models).open()) {
            run(first, new AtomicReference<>());
            assertTrue(waits.await(30, TimeUnit.SECONDS));
            try (FederatedDevice sameKey = joining(another).keys(key).open();
                    FederatedDevice sameModels = joining(another).keys(folder.resolve("other.key")).keep(models).open()) {
                assertTrue(assertThrows(IllegalArgumentException.class, sameKey::run).getMessage().contains("key file '" + key + "'"));
                assertTrue(assertThrows(IllegalArgumentException.class, sameModels::run).getMessage().contains("models '" + models + "'"));
                assertEquals(Optional.empty(), sameModels.model());
                close(first);
                sameKey.run();
                sameModels.run();
            }
        }
    }

    @Test
    void whatCannotBeMeantIsRefusedWhenItIsSaid() throws Exception {
        try (StrangeServer server = over()) {
            assertTrue(assertThrows(IllegalArgumentException.class, () -> joining(server).patience(Duration.ofSeconds(-1))).getMessage()
                    .contains("expected at least 0"));
            for (String behind : new String[] {"/federation", "/?a=b", "/#part"}) {
                FederatedDevice.Joining joining = FederatedDevice.join(server.uri().resolve(behind), Optional.empty()).folder(folder)
                        .data(() -> Samples.of(new float[][] {{1, 2}}, new int[] {0}));
                assertTrue(assertThrows(IllegalArgumentException.class, joining::open).getMessage().contains("nothing behind it"));
            }
        }
    }
}
