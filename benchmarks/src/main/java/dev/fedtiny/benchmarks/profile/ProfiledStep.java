package dev.fedtiny.benchmarks.profile;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.MemoryLedger;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.engine.train.Optimizer;
import java.util.Arrays;

/** A step that can be done again and again, with a meter or without. */
final class ProfiledStep implements AutoCloseable {
    /** Small, so that hundreds of steps on random labels stay finite. */
    private static final double LEARNING_RATE = 1e-4;

    final ProfileSetup setup;
    final Workers workers;
    final Session session;
    final Meter meter;
    private final Optimizer.Updater updater;
    private final int[] growing;
    private final TopK[] buffers;
    private final float[] images;

    ProfiledStep(ProfileSetup setup) {
        this.setup = setup;
        workers = Workers.of(setup.threads());
        session = Session.open(setup.state(), Mode.TRAINING, setup.batch(), workers, setup.sessions());
        meter = new Meter(workers);
        updater = setup.optimizer().bind(session);
        growing = setup.growing().stream().mapToInt(p -> p).toArray();
        buffers = new TopK[growing.length];
        Arrays.setAll(buffers, i -> new TopK(setup.growthLimit()));
        images = new float[setup.batch() * setup.state().network().input().size()];
        RandomStream random = RandomStream.of(1, "profile");
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextGaussian();
        }
        for (int i = 0; i < setup.batch(); i++) {
            session.labels()[i] = i % session.network().classes();
        }
    }

    void measured(boolean on) {
        session.measure(on ? meter : null);
    }

    /** Does the step; returns its wall time in nanoseconds, taken here and not by the meter. */
    long run() {
        long start = System.nanoTime();
        boolean measured = session.meter() != null;
        if (measured) {
            meter.beginStep();
        }
        session.setImages(images, setup.batch());
        session.forward(setup.batch());
        session.lossSum();
        if (growing.length == 0) {
            session.backward();
        } else {
            for (TopK buffer : buffers) {
                buffer.clear();
            }
            session.backward(growing, buffers);
        }
        updater.step(LEARNING_RATE);
        if (measured) {
            meter.endStep(setup.batch());
        }
        return System.nanoTime() - start;
    }

    /** Warms up: for the set time, and three steps at least. */
    void warmUp() {
        long start = System.nanoTime();
        for (int i = 0; i < 3 || System.nanoTime() - start < setup.warmUpSeconds() * 1e9; i++) {
            run();
        }
    }

    MemoryLedger ledger() {
        MemoryLedger ledger = session.ledger();
        ledger.add(MemoryCategory.OPTIMIZER, updater.bytes());
        for (TopK buffer : buffers) {
            ledger.add(MemoryCategory.TOP_K, buffer.bytes());
        }
        return ledger;
    }

    @Override
    public void close() {
        session.close();
        workers.close();
    }
}
