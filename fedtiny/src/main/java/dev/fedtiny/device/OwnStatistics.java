package dev.fedtiny.device;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.BatchLoader;
import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.data.Samples;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.protocol.RunningStatistics;
import java.util.Objects;

/**
 * How a device makes a model that it received its own: with running statistics of its own data in place of those averaged over all devices.
 * Weights stay. The same forward passes over the same development data as in stage one ({@link Recalibration}), so that the same device and
 * data give the same bits, in a simulation too.
 *
 * @param seed of the run
 * @param device its number
 * @param batch images of a pass
 * @param development how it sets development data apart
 */
public record OwnStatistics(long seed, int device, int batch, DevelopmentSplit development) {
    /** Checks the range. */
    public OwnStatistics {
        Objects.requireNonNull(development, "development");
        if (batch < 1) {
            throw new IllegalArgumentException("own statistics: batch " + batch + ", expected at least 1");
        }
    }

    /**
     * The model with statistics of some data. Opens a session of its own, which takes as much memory as one of mode STATISTICS.
     *
     * @param model as it was received; not changed
     * @param data the device's samples
     * @param workers threads of the passes
     * @return the same weights; the very model where it has no batch normalisation
     * @throws ArithmeticException if the passes give statistics that are no numbers
     */
    public ModelState of(ModelState model, Samples data, Workers workers) {
        if (RunningStatistics.count(model.network()) == 0) {
            return model;
        }
        int[] samples = development.draw(data.count(), seed, device).chosen();
        SessionOptions options = BatchLoader.options(SessionOptions.DEFAULT, data, Augmentation.NONE);
        try (Session session = Session.open(model, Mode.STATISTICS, batch, workers, options)) {
            ModelState own = Recalibration.run(session, data, samples, RandomStream.of(seed, Recalibration.STREAM, device)).in(model);
            own.checkFinite();
            return own;
        }
    }
}
