package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fedtiny.engine.internal.kernel.registry.KernelSwitch;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.Kernels;
import dev.fedtiny.engine.tensor.NonFiniteException;
import dev.fedtiny.engine.tensor.Shape;
import java.io.File;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Scalar kernels answer first, vector kernels later, and nobody sees a difference but in time. */
@Tag("once")
class WarmStartTest {
    /** A process of its own: the warm start happens once a process. */
    static final class Answers {
        private static final long BEGIN = System.nanoTime();
        private static final long LIMIT_NANOS = 120_000_000_000L;

        private Answers() {
        }

        public static void main(String[] arguments) throws Exception {
            if (arguments[0].equals("switch")) {
                switchAllTheTime();
                return;
            }
            Sample sample = Sample.of(TestNetworks.residual(), Sparsity.THIRTY_PERCENT, 1, 3);
            if (arguments[0].equals("close")) {
                List<WeakReference<Session>> closed = IntStream.range(0, 50).mapToObj(i -> closed(sample)).toList();
                System.gc();
                System.out.println(closed.stream().filter(session -> session.get() != null).count() <= 1);
                return;
            }
            if (arguments[0].equals("train")) {
                Session.open(sample.state(), Mode.TRAINING, 8).close();
            }
            try (Session session = opened(sample)) {
                session.setImages(sample.images(), 1);
                session.forward(1);
                System.out.println(Arrays.hashCode(session.outputs()));
                if (arguments[0].equals("wait")) {
                    session.warmUp();
                }
                // Where nothing is to be warmed, it never settles.
                while (threads() > 0 && !WarmStart.isSettled() && inTime()) {
                    session.setImages(sample.images(), 1);
                    session.forward(1);
                    Thread.sleep(1);
                }
                session.setImages(sample.images(), 1);
                session.forward(1);
                System.out.println(Arrays.hashCode(session.outputs()));
            }
            while (threads() > 0 && inTime()) {
                Thread.sleep(10);
            }
            System.out.println("warming " + !WarmStart.isSettled() + " " + threads());
        }

        /** Says what the warm start does as the session opens, which cannot end before that is said. */
        private static Session opened(Sample sample) {
            synchronized (WarmStart.class) {
                Session session = Session.open(sample.state(), Mode.INFERENCE, 1);
                System.out.println("warming " + !WarmStart.isSettled() + " " + threads());
                return session;
            }
        }

        private static WeakReference<Session> closed(Sample sample) {
            Session session = Session.open(sample.state(), Mode.INFERENCE, 1);
            session.close();
            return new WeakReference<>(session);
        }

        /** Whether a machine of any pace may still be at it. */
        private static boolean inTime() {
            return System.nanoTime() - BEGIN < LIMIT_NANOS;
        }

        private static long threads() {
            return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().equals("fedtiny-warm-start")).count();
        }
    }

    private static List<String> run(String argument, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules", "jdk.incubator.vector", "-XX:+UseSerialGC"));
        command.addAll(List.of(options));
        String own = System.getProperty("jdk.module.path");
        command.addAll(List.of("-cp", own == null ? System.getProperty("java.class.path")
                : own + File.pathSeparator + System.getProperty("java.class.path"), Answers.class.getName(), argument));
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        assertEquals(0, process.waitFor(), String.join("\n", lines));
        return lines;
    }

    private static void requireVectors() {
        assumeTrue(Kernels.current().kind() == Kernels.Kind.SIMD, "no vector kernels here, so there is nothing to warm");
    }

    @Test
    void theThreadWarmsAndEnds() throws Exception {
        requireVectors();
        String bits = run("go", "-Ddev.fedtiny.kernels=scalar").get(1);
        assertEquals(List.of("warming true 1", bits, bits, "warming false 0"), run("go"));
        assertEquals(List.of("warming true 1", bits, bits, "warming false 0"), run("wait", "-XX:ActiveProcessorCount=1"));
    }

    /** An application that opens a session a request must not hold all of them until the thread comes by. */
    @Test
    void closedSessionsAreNotHeld() throws Exception {
        requireVectors();
        assertEquals(List.of("true"), run("close"));
    }

    /** Blank images have no finite answer here, which is not the application's fault. */
    @Test
    void blankImagesNeedNoFiniteAnswer() throws InterruptedException {
        Network.Builder net = Network.builder(new Shape(4, 6, 6)).block("all");
        net.linear("out", net.layerNorm("norm", 0, 0), 3, true, true);
        try (Session session = Session.open(Initializer.initialize(net.build(), 1), Mode.INFERENCE, 1)) {
            session.warmUp();
            session.setImages(new float[4 * 36], 1);
            assertThrows(NonFiniteException.class, () -> session.forward(1));
        }
    }

    @Test
    void whatTrainsOrIsToldNotToDoesNotWarm() throws Exception {
        requireVectors();
        List<String> trained = run("train");
        assertEquals("warming false 0", trained.getFirst());
        List<String> off = run("go", "-D" + KernelSwitch.PROPERTY + "=off");
        assertTrue(off.getFirst().endsWith(" 0"), off.getFirst());
        assertEquals(trained.subList(1, 3), off.subList(1, 3));
    }

    @Test
    void aSwitchAtAnyTimeChangesNoBit() throws Exception {
        requireVectors();
        assertEquals(List.of("the same bits"), run("switch"));
    }

    /** Another thread switches as fast as it can, so that kernels of both kinds share passes in every way; in a process of its own. */
    private static void switchAllTheTime() throws InterruptedException {
        Sample sample = Sample.of(TestNetworks.residual(), Sparsity.THIRTY_PERCENT, 24, 3);
        List<Long> trained = train(sample);
        float[] one = infer(sample, 1);
        float[] many = infer(sample, 24);
        AtomicBoolean over = new AtomicBoolean();
        Thread switching = new Thread(() -> {
            for (int i = 0; !over.get(); i++) {
                KernelSwitch.warmBy(i % 2 == 0 ? Thread.currentThread() : null);
                Thread.yield();
            }
        });
        switching.start();
        try {
            for (int i = 0; i < 200; i++) {
                assertArrayEquals(one, infer(sample, 1));
                assertArrayEquals(many, infer(sample, 24));
                if (i % 10 == 0) {
                    assertEquals(trained, train(sample));
                }
            }
        } finally {
            over.set(true);
            switching.join();
        }
        System.out.println("the same bits");
    }

    private static List<Long> train(Sample sample) {
        try (Session session = Session.open(sample.state(), Mode.TRAINING, sample.count())) {
            return SessionBits.step(session, sample);
        }
    }

    private static float[] infer(Sample sample, int batch) {
        try (Session session = Session.open(sample.state(), Mode.INFERENCE, batch)) {
            session.setImages(sample.images(), batch);
            session.forward(batch);
            return session.outputs();
        }
    }

    @Test
    void aWarmSessionHasTheBitsOfAColdOne() throws InterruptedException {
        Sample sample = Sample.of(TestNetworks.plain(), Sparsity.THIRTY_PERCENT, 1, 3);
        try (Session cold = Session.open(sample.state(), Mode.INFERENCE, 1);
                Session warm = Session.open(sample.state(), Mode.INFERENCE, 1)) {
            warm.warmUp();
            for (Session session : List.of(cold, warm)) {
                session.setImages(sample.images(), 1);
                session.forward(1);
            }
            assertArrayEquals(cold.outputs(), warm.outputs());
        }
    }
}
