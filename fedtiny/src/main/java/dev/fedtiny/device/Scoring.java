package dev.fedtiny.device;

import dev.fedtiny.data.BatchLoader;
import dev.fedtiny.data.Samples;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.tensor.NonFiniteException;
import dev.fedtiny.protocol.Evaluation;

/** Evaluates the model in a session on images, without augmentation. */
public final class Scoring {
    private Scoring() {
    }

    /**
     * Scores images in the order given. A model whose outputs are no numbers gets a loss that is none, and nothing right.
     *
     * @param session of mode INFERENCE
     * @param indices positions in the data set
     * @param data of the run
     * @return summed loss, its squares, and right answers
     * @throws java.util.concurrent.CancellationException if the thread is interrupted between two batches
     */
    public static Evaluation.Score score(Session session, Samples data, int[] indices) {
        return score(session, data, indices, new Cancellation());
    }

    /** The same, which also ends where this is called. */
    static Evaluation.Score score(Session session, Samples data, int[] indices, Cancellation cancellation) {
        return score(session, data, indices, 0, cancellation).score();
    }

    /**
     * A score with the answers behind it.
     *
     * @param score summed loss, its squares, and right answers
     * @param confusion which class was taken for which
     */
    public record Answers(Evaluation.Score score, Confusion confusion) {
    }

    /**
     * Scores images, and counts which class was taken for which, in the same pass.
     *
     * @param session of mode INFERENCE
     * @param indices positions in the data set
     * @param data of the run
     * @param classes of the data: labels are below; 0 counts no answers
     * @return the score; without answers where outputs are no numbers
     * @throws java.util.concurrent.CancellationException if the thread is interrupted between two batches
     */
    public static Answers score(Session session, Samples data, int[] indices, int classes) {
        return score(session, data, indices, classes, new Cancellation());
    }

    private static Answers score(Session session, Samples data, int[] indices, int classes, Cancellation cancellation) {
        try {
            return scoreFinite(session, data, indices, classes, cancellation);
        } catch (NonFiniteException e) {
            return new Answers(new Evaluation.Score(Double.NaN, Double.NaN, 0), Confusion.NONE);
        }
    }

    private static Answers scoreFinite(Session session, Samples data, int[] indices, int classes, Cancellation cancellation) {
        Confusion confusion = Confusion.empty(classes);
        BatchLoader loader = BatchLoader.forImagesOf(data);
        double lossSum = 0;
        double squareSum = 0;
        int correct = 0;
        for (int from = 0; from < indices.length; from += session.batch()) {
            int count = Math.min(session.batch(), indices.length - from);
            cancellation.check();
            loader.load(data, indices, from, count, session);
            BatchLoader.loadLabels(data, indices, from, count, session.network().classes(), session.labels());
            session.forward(count);
            lossSum += session.lossSum();
            correct += session.correct();
            for (int image = 0; image < count; image++) {
                double loss = loss(session, image);
                squareSum += loss * loss;
                if (classes > 0) {
                    confusion.count(session.labels()[image], session.predicted(image));
                }
            }
        }
        return new Answers(new Evaluation.Score(lossSum, squareSum, correct), confusion);
    }

    /** Cross entropy of one image of the last pass. */
    private static double loss(Session session, int image) {
        int classes = session.network().classes();
        double largest = Double.NEGATIVE_INFINITY;
        for (int label = 0; label < classes; label++) {
            largest = Math.max(largest, session.logit(image, label));
        }
        double sum = 0;
        for (int label = 0; label < classes; label++) {
            sum += StrictMath.exp(session.logit(image, label) - largest);
        }
        return largest + StrictMath.log(sum) - session.logit(image, session.labels()[image]);
    }
}
