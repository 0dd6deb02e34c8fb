package dev.fedtiny.network.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.data.Samples;
import dev.fedtiny.device.PlainTraining;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.method.Methods;
import dev.fedtiny.network.device.FederatedDevice;
import dev.fedtiny.network.wire.Wire;
import dev.fedtiny.protocol.Codec;
import dev.fedtiny.protocol.DeviceSettings;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.Orders;
import dev.fedtiny.protocol.Request;
import dev.fedtiny.protocol.SessionTerms;
import dev.fedtiny.protocol.Train;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A device is closed whatever it does, at once, and what cannot be done with one that is closed or at work is said. */
@Timeout(300)
class ClosingDeviceTest {
    @TempDir
    Path folder;

    private static final Network NETWORK = network();

    private static Network network() {
        Network.Builder network = Network.builder(Shape.features(2));
        network.linear("fc", 0, 2, true, false);
        return network.build();
    }

    private static byte[] terms() {
        return new SessionTerms(NETWORK, new DeviceSettings(1, new Sgd(0, 0), Augmentation.NONE, DevelopmentSplit.usual(2),
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
            Thread.sleep(Duration.ofMinutes(4));
        })); FederatedDevice device = joining(server).open()) {
            AtomicReference<Throwable> end = new AtomicReference<>();
            Thread thread = run(device, end);
            assertTrue(waits.await(TestServer.PATIENCE.toSeconds(), TimeUnit.SECONDS));
            assertTrue(assertThrows(IllegalStateException.class, device::run).getMessage().contains("at work already"));
            long start = System.nanoTime();
            close(device);
            assertTrue(System.nanoTime() - start < TestServer.PATIENCE.toNanos(), "closing waited for the server");
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
                assertTrue(asked.await(TestServer.PATIENCE.toSeconds(), TimeUnit.SECONDS));
                thread.interrupt();
                thread.join();
                assertTrue(end.get() instanceof InterruptedIOException, String.valueOf(end.get()));
                may.set(true);
                device.run();
            }
        }
    }

    /** Of a server that asks for training without an end, until it says that nobody wants it. */
    private static StrangeServer training(CountDownLatch works, AtomicReference<Boolean> wanted) throws IOException {
        List<Mask> masks = NETWORK.parameters().stream().map(parameter -> Mask.full(parameter.size())).toList();
        List<float[]> values = masks.stream().map(mask -> new float[mask.size()]).toList();
        Request request = Request.of(0, 0, new Codec(NETWORK).body(new Train(1, Optional.of(masks), values, Train.MAXIMUM_EPOCHS, 1, 1e-6,
                new PlainTraining())));
        return new StrangeServer(terms(), Map.of(
                Wire.TASK, exchange -> StrangeServer.reply(exchange, 200, wanted.get() ? StrangeServer.task(request)
                        : JsonObject.builder().put("over", true).build()),
                Wire.OBJECTS + request.body().sha256(), exchange -> StrangeServer.reply(exchange, 200, request.body().bytes()),
                Wire.TURNS, exchange -> {
                    works.countDown();
                    StrangeServer.reply(exchange, 200, JsonObject.builder().put("go", wanted.get()).build());
                }));
    }

    /** Its epochs, of which the server wants as many as can be asked for, take longer than any test. */
    private FederatedDevice.Joining busy(StrangeServer server) throws IOException {
        float[][] features = new float[10_000][2];
        Arrays.setAll(features, i -> new float[] {i % 7 - 3, i % 5 - 2});
        return joining(server).data(() -> Samples.of(features, new int[features.length]));
    }

    @Test
    void aDeviceThatTrainsClosesBeforeItsNextBatch() throws Exception {
        CountDownLatch works = new CountDownLatch(1);
        try (StrangeServer server = training(works, new AtomicReference<>(true)); FederatedDevice device = busy(server).open()) {
            AtomicReference<Throwable> end = new AtomicReference<>();
            Thread thread = run(device, end);
            assertTrue(works.await(TestServer.PATIENCE.toSeconds(), TimeUnit.SECONDS));
            close(device);
            thread.join();
            assertTrue(end.get() instanceof InterruptedIOException, String.valueOf(end.get()));
        }
    }

    /** As an application does that trains only while a machine is charged: what the device held does not count, the turn is done again. */
    @Test
    void anInterruptEndsTrainingAndTheDeviceBeginsAnew() throws Exception {
        CountDownLatch works = new CountDownLatch(1);
        AtomicReference<Boolean> wanted = new AtomicReference<>(true);
        try (StrangeServer server = training(works, wanted); FederatedDevice device = busy(server).open()) {
            AtomicReference<Throwable> end = new AtomicReference<>();
            Thread thread = run(device, end);
            assertTrue(works.await(TestServer.PATIENCE.toSeconds(), TimeUnit.SECONDS));
            thread.interrupt();
            thread.join();
            assertEquals("interrupted while it worked", end.get().getMessage());
            wanted.set(false);
            device.run();
            assertEquals(2, server.asked(Wire.SESSION));
        }
    }

    /** Who is let go need not train to the end, and holds what the next request may follow. */
    @Test
    void trainingThatNobodyWantsAnyMoreEnds() throws Exception {
        CountDownLatch works = new CountDownLatch(1);
        AtomicReference<Boolean> wanted = new AtomicReference<>(true);
        List<String> notes = new CopyOnWriteArrayList<>();
        try (StrangeServer server = training(works, wanted); FederatedDevice device = busy(server).notes(notes::add).open()) {
            AtomicReference<Throwable> end = new AtomicReference<>();
            Thread thread = run(device, end);
            assertTrue(works.await(TestServer.PATIENCE.toSeconds(), TimeUnit.SECONDS));
            wanted.set(false);
            thread.join();
            assertNull(end.get());
            assertTrue(notes.contains("a turn ended without this device: the round was over before the work was done"), notes.toString());
            assertEquals(1, server.asked(Wire.SESSION));
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
            Thread.sleep(Duration.ofMinutes(4));
        })); StrangeServer another = over(); FederatedDevice first = joining(server).keys(key).keep(models).open()) {
            run(first, new AtomicReference<>());
            assertTrue(waits.await(TestServer.PATIENCE.toSeconds(), TimeUnit.SECONDS));
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
