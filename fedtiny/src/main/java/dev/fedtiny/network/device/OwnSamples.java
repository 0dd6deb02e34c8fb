package dev.fedtiny.network.device;

import dev.fedtiny.data.DataException;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.Normalization;
import dev.fedtiny.data.Samples;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.federation.Capacity;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A device's samples as its application has them. What the application's code throws may quote a sample and goes to the application alone,
 * as the cause of an exception that says no more than its class: that one may be told to a server.
 *
 * @param source as the application gave it
 * @param capacity what the device says that it can hold
 * @param figures by which images are normalised whose figures were measured from this device's alone; empty: by these
 */
record OwnSamples(Supplier<? extends Samples> source, Capacity capacity, Optional<Normalization> figures)
        implements LinkSession.Introduction, Supplier<Samples> {
    OwnSamples(Supplier<? extends Samples> source, Capacity capacity) {
        this(source, capacity, Optional.empty());
    }

    /** The same by a run's figures. */
    OwnSamples normalizedBy(Optional<Normalization> run) {
        return new OwnSamples(source, capacity, run);
    }

    /** What to say of samples as they are now: that measured figures gave way to the run's, or that published ones are others. */
    Optional<String> note(Samples now) {
        if (figures.isEmpty() || !(now instanceof Dataset images)) {
            return Optional.empty();
        }
        Normalization own = images.normalization();
        if (own.equals(figures.get())) {
            return own.isMeasured() ? Optional.of("images are normalised by the mean and deviation of the run's images, not of this "
                    + "device's alone") : Optional.empty();
        }
        return Optional.of("images of this device are normalised by the figures '" + own.name() + "', those of the run by '"
                + figures.get().name() + "': give both the same dataset");
    }

    @Override
    public Samples get() {
        Samples now = guarded(source::get);
        if (now == null) {
            throw new DataException("this device's data source gave nothing, expected samples");
        }
        return now instanceof Dataset images ? figures.map(images::measuredAs).orElse(images) : new Guarded(now);
    }

    /**
     * The samples as they are now.
     *
     * @throws RefusedException if there is none
     */
    Samples checked() throws IOException {
        Samples now = get();
        if (now.count() < 1) {
            throw new RefusedException("this device has no sample, expected at least 1: join when there are some", null);
        }
        return now;
    }

    @Override
    public int samples() throws IOException {
        return checked().count();
    }

    @Override
    public Shape shape() throws IOException {
        return checked().shape();
    }

    private static <T> T guarded(Supplier<T> asked) {
        try {
            return asked.get();
        } catch (RuntimeException e) {
            throw new DataException("this device's samples cannot be read: its data source failed with " + e.getClass().getName(), e);
        }
    }

    /** Samples of which every exception is held back. */
    private record Guarded(Samples samples) implements Samples {
        @Override
        public int count() {
            return guarded(samples::count);
        }

        @Override
        public Shape shape() {
            return guarded(samples::shape);
        }

        @Override
        public int label(int i) {
            return guarded(() -> samples.label(i));
        }

        @Override
        public void write(int i, float[] into, int offset, int stride) {
            guarded(() -> {
                samples.write(i, into, offset, stride);
                return i;
            });
        }

        @Override
        public float outside(int channel) {
            return guarded(() -> samples.outside(channel));
        }

        @Override
        public String toString() {
            return samples.toString();
        }
    }
}
