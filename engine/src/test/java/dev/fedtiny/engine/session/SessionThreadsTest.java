package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.internal.plan.PlanAccess;
import dev.fedtiny.engine.model.ArrayOwnership;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.GradientSink;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.engine.train.Trainer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Sessions and threads: several sessions on one team give what they give alone, one session lets one thread in at a time. */
class SessionThreadsTest {
    private static final Network NETWORK = TestNetworks.residual();

    private static List<Long> run(Sample sample, Workers workers) {
        List<Long> bits = new ArrayList<>();
        for (int repetition = 0; repetition < 5; repetition++) {
            try (Session session = Session.open(sample.state(), Mode.TRAINING, 24, workers, SessionOptions.DEFAULT)) {
                var updater = new Sgd(0.9, 1e-4).bind(session);
                for (int step = 0; step < 3; step++) {
                    bits.addAll(SessionBits.step(session, sample));
                    updater.step(0.02);
                }
                session.load(sample.state());
                bits.addAll(SessionBits.step(session, sample));
            }
            MemoryEstimate.of(sample.state(), Mode.TRAINING, 24, workers.count(), SessionOptions.DEFAULT);
        }
        return bits;
    }

    @Test
    void sessionsOfSeveralThreadsShareWorkers() throws InterruptedException, ExecutionException {
        List<Sample> samples = List.of(Sample.of(NETWORK, Sparsity.THIRTY_PERCENT, 19, 1), Sample.of(NETWORK, Sparsity.DENSE, 19, 2),
                Sample.of(NETWORK, Sparsity.EMPTY_LAYER, 19, 3));
        for (int threads = 1; threads <= 3; threads++) {
            try (Workers workers = Workers.of(threads); ExecutorService callers = Executors.newFixedThreadPool(samples.size())) {
                List<Future<List<Long>>> running = new ArrayList<>();
                for (Sample sample : samples) {
                    running.add(callers.submit(() -> run(sample, workers)));
                }
                for (int i = 0; i < samples.size(); i++) {
                    assertEquals(run(samples.get(i), Workers.of(1)), running.get(i).get(), "sample " + i + ", " + threads + " workers");
                }
            }
        }
    }

    /** A pass of few products leaves all work to one thread; what follows it has all of them again. */
    @Test
    void aSmallPassLeavesTheTeamWhole() {
        Sample sample = Sample.of(NETWORK, Sparsity.THIRTY_PERCENT, 1, 4);
        try (Workers workers = Workers.of(2); Session session = Session.open(sample.state(), Mode.INFERENCE, 1, workers,
                SessionOptions.DEFAULT)) {
            sample.feed(session);
            session.forward(1);
            assertEquals(2, PlanAccess.threads(session.core.pass.team));
        }
    }

    /** Every public method, called while another thread is in the middle of a backward pass, is refused and changes nothing. */
    @Test
    void overlappingCallsAreRefused() throws InterruptedException {
        Sample sample = Sample.of(NETWORK, Sparsity.THIRTY_PERCENT, 8, 1);
        CountDownLatch within = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (Workers workers = Workers.of(2); Session session = Session.open(sample.state(), Mode.TRAINING, 8, workers,
                SessionOptions.DEFAULT)) {
            sample.feed(session);
            session.forward(8);
            GradientSink waiting = (_, _) -> {
                within.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            };
            Trainer<int[]> trainer = Trainer.of(session).optimizer(new Sgd(0, 0)).build();
            Thread inside = Thread.ofPlatform().name("the one inside").start(
                    () -> session.backward(new int[] {0}, new GradientSink[] {waiting}));
            within.await();
            List<Runnable> calls = calls(session, sample);
            calls.add(() -> trainer.step(sample.images(), sample.labels(), 0.1));
            for (int i = 0; i < calls.size(); i++) {
                IllegalStateException refusal = assertThrows(IllegalStateException.class, calls.get(i)::run, "call " + i);
                assertTrue(refusal.getMessage().contains("the one inside") && refusal.getMessage().contains("one for each thread"),
                        refusal.getMessage());
            }
            go.countDown();
            inside.join();
            // The session goes on, and has what the thread inside has made of it.
            try (Session alone = Session.open(sample.state(), Mode.TRAINING, 8)) {
                sample.feed(alone);
                alone.forward(8);
                alone.backward();
                assertEquals(bits(alone.gradient(0)), bits(session.gradient(0)));
                assertEquals(bits(alone.values(3)), bits(session.values(3)));
            }
        }
    }

    static List<Runnable> calls(Session session, Sample sample) {
        return new ArrayList<>(List.of(() -> session.setImages(sample.images(), 8), () -> session.forward(8), session::backward,
                () -> session.backward(new float[8 * session.network().classes()]),
                () -> session.backward(new int[] {0}, new GradientSink[] {(_, _) -> { }}),
                () -> session.backward(new int[] {0}, new GradientSink[] {(_, _) -> { }}, new float[40]),
                () -> session.load(sample.state()), () -> session.load(sample.state(), ArrayOwnership.TAKEN_OVER), session::state,
                session::liveState, () -> session.predicted(0), () -> session.logit(0, 0), session::outputs, session::lossSum,
                session::correct, session::inputGradient, session::input, session::labels, () -> session.values(0),
                () -> session.gradient(0), () -> session.mask(0), session::maskVersion, session::checkGradients, session::checkValues,
                session::ledger, session::bytes, session::count, session::batch, session::mode, session::network, session::options,
                session::workers, session::meter, session::hold, () -> session.measure(null), () -> session.keepActivations(0.5),
                () -> session.seedDropout(3)));
    }

    private static List<Integer> bits(float[] values) {
        List<Integer> bits = new ArrayList<>();
        for (float value : values) {
            bits.add(Float.floatToRawIntBits(value));
        }
        return bits;
    }

    @Test
    void aHoldIsClosedOnceByWhoHasIt() throws InterruptedException {
        Sample sample = Sample.of(NETWORK, Sparsity.DENSE, 8, 1);
        try (Session session = Session.open(sample.state(), Mode.INFERENCE, 8)) {
            Session.Hold hold = session.hold();
            AtomicReference<RuntimeException> refused = new AtomicReference<>();
            Thread other = Thread.ofPlatform().start(() -> refused.set(assertThrows(IllegalStateException.class, hold::close)));
            other.join();
            assertTrue(refused.get().getMessage().contains("in the thread that took it"), refused.get().getMessage());
            hold.close();
            assertThrows(IllegalStateException.class, hold::close);
            sample.feed(session);
            session.forward(8);
        }
    }

    @Test
    void aClosedSessionRefusesEverything() {
        Sample sample = Sample.of(NETWORK, Sparsity.THIRTY_PERCENT, 8, 1);
        Session session = Session.open(sample.state(), Mode.TRAINING, 8);
        Trainer<int[]> trainer = Trainer.of(session).optimizer(new Sgd(0.9, 0)).build();
        trainer.step(sample.images(), sample.labels(), 0.1);
        List<Runnable> calls = calls(session, sample);
        calls.add(() -> trainer.step(sample.images(), sample.labels(), 0.1));
        calls.add(() -> Trainer.of(session).optimizer(new Sgd(0, 0)).build());
        calls.add(() -> new Sgd(0, 0).bind(session));
        // Checks what it is given before anything else.
        float[] outputGradient = new float[40];
        session.close();
        session.close();
        calls.set(3, () -> session.backward(outputGradient));
        for (int i = 0; i < calls.size(); i++) {
            String message = assertThrows(IllegalStateException.class, calls.get(i)::run, "call " + i).getMessage();
            assertTrue(message.contains("it is closed"), message);
        }
    }

    /** Two threads that run passes on one session without taking turns: whatever is answered after the first refusal is right. */
    @Test
    void noWrongAnswerAfterTheFirstRefusal() throws InterruptedException {
        Sample sample = Sample.of(NETWORK, Sparsity.DENSE, 16, 1);
        int size = NETWORK.input().size();
        try (Session session = Session.open(sample.state(), Mode.INFERENCE, 1)) {
            float[] expected = new float[16];
            for (int i = 0; i < 16; i++) {
                session.setImages(java.util.Arrays.copyOfRange(sample.images(), i * size, (i + 1) * size), 1);
                session.forward(1);
                expected[i] = session.logit(0, 0);
            }
            CountDownLatch within = new CountDownLatch(1);
            CountDownLatch refused = new CountDownLatch(1);
            Thread holder = Thread.ofPlatform().start(() -> {
                try (Session.Hold _ = session.hold()) {
                    within.countDown();
                    refused.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            within.await();
            assertThrows(IllegalStateException.class, session::state);
            refused.countDown();
            holder.join();
            List<String> wrong = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 2; t++) {
                int offset = 8 * t;
                threads.add(Thread.ofPlatform().start(() -> {
                    for (int repetition = 0; repetition < 2000; repetition++) {
                        int image = offset + repetition % 8;
                        float logit;
                        try {
                            session.setImages(java.util.Arrays.copyOfRange(sample.images(), image * size, (image + 1) * size), 1);
                            session.forward(1);
                            logit = session.logit(0, 0);
                        } catch (IllegalStateException e) {
                            continue;
                        }
                        if (logit != expected[image]) {
                            synchronized (wrong) {
                                wrong.add("image " + image + " gave " + logit + " for " + expected[image]);
                            }
                        }
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(List.of(), wrong);
        }
    }

    /** Handing a session from thread to thread is no overlap. */
    @Test
    void threadsMayTakeTurns() throws InterruptedException {
        Sample sample = Sample.of(NETWORK, Sparsity.DENSE, 8, 1);
        try (Session session = Session.open(sample.state(), Mode.TRAINING, 8)) {
            Thread.ofPlatform().start(() -> sample.feed(session)).join();
            Thread.ofVirtual().start(() -> session.forward(8)).join();
            Thread.ofPlatform().start(session::backward).join();
            assertTrue(session.lossSum() > 0);
        }
    }
}
