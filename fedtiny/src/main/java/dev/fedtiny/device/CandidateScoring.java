package dev.fedtiny.device;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.BatchLoader;
import dev.fedtiny.data.Samples;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.protocol.CandidatePoolMessage;
import dev.fedtiny.protocol.DeviceSettings;
import dev.fedtiny.protocol.Evaluation;
import dev.fedtiny.protocol.RunningStatistics;
import dev.fedtiny.protocol.Statistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A device's part of stage one: statistics of every candidate of a pool, and how good candidates are, on the device's development data.
 *
 * @param device its number k
 * @param settings of its work
 * @param data its samples
 * @param development which of them candidates are looked at on
 */
record CandidateScoring(int device, DeviceSettings settings, Samples data, int[] development) {
    /**
     * The running statistics that every candidate has on the development data.
     *
     * @throws ArithmeticException if one is not finite
     */
    Statistics recalibrate(CandidatePoolMessage pool, SessionCache sessions) {
        List<RunningStatistics> statistics = new ArrayList<>();
        for (int[] counts : pool.counts()) {
            ModelState candidate = Magnitude.prune(pool.union(), counts);
            // Every candidate sees the same batches: differences between candidates are then not differences of luck.
            RandomStream shuffling = RandomStream.of(settings.seed(), Recalibration.STREAM, device);
            RunningStatistics one = Recalibration.run(sessions.session(candidate, Mode.STATISTICS, pool.batch(), options()), data,
                    development, shuffling, sessions.cancellation());
            checkFinite(one);
            statistics.add(one);
        }
        return new Statistics(development.length, statistics);
    }

    /** Of sessions for images as they are. */
    private SessionOptions options() {
        return BatchLoader.options(settings.sessions(), data, Augmentation.NONE);
    }

    private static void checkFinite(RunningStatistics statistics) {
        for (float[] values : statistics.values()) {
            for (float value : values) {
                if (!Float.isFinite(value)) {
                    throw new ArithmeticException("recalibration gave a running statistic of " + value);
                }
            }
        }
    }

    /** Scores the pool's candidates with given statistics, or with those the pool came with. */
    Evaluation evaluate(CandidatePoolMessage pool, Optional<List<RunningStatistics>> statistics, SessionCache sessions) {
        List<Evaluation.Score> scores = new ArrayList<>();
        for (int c = 0; c < pool.counts().size(); c++) {
            ModelState candidate = Magnitude.prune(pool.union(), pool.counts().get(c));
            ModelState evaluated = statistics.isPresent() ? statistics.get().get(c).in(candidate) : candidate;
            scores.add(score(sessions.session(evaluated, Mode.INFERENCE, pool.batch(), options()), sessions.cancellation()));
        }
        return new Evaluation(development.length, scores);
    }

    /** A candidate whose outputs are not finite has failed; the others go on. */
    private Evaluation.Score score(Session session, Cancellation cancellation) {
        try {
            return Scoring.score(session, data, development, cancellation).bounded(development.length);
        } catch (ArithmeticException e) {
            return new Evaluation.Score(Double.NaN, Double.NaN, 0).bounded(development.length);
        }
    }
}
