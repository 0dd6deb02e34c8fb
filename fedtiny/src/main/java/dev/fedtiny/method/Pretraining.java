package dev.fedtiny.method;

import dev.fedtiny.data.BatchLoader;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.device.Epochs;
import dev.fedtiny.device.SessionCache;
import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.protocol.Traffic;
import java.util.ArrayList;
import java.util.List;

/**
 * The server trains the dense model on its public set D_s, once, before everything else. The outcome depends on plan and public set alone,
 * so all methods of a comparison start from the same bits.
 */
public final class Pretraining {
    private Pretraining() {
    }

    /**
     * What pretraining gives.
     *
     * @param model dense
     * @param report losses and cost
     */
    public record Outcome(ModelState model, PretrainingReport report) {
    }

    /**
     * Pretrains a fresh model.
     *
     * @param plan network, seed, epochs and optimizer
     * @param publicSet D_s
     * @param sessions of the server; what it opens stays in them
     * @return model and losses
     * @throws ArithmeticException if the values stop being finite
     */
    public static Outcome run(TrainingPlan plan, Dataset publicSet, SessionCache sessions) {
        long start = System.nanoTime();
        PretrainingPlan pretraining = plan.pretraining();
        ModelState model = plan.untrained();
        List<Double> losses = new ArrayList<>();
        long images = (long) pretraining.epochs() * publicSet.count();
        long flops = ExactCost.trainingFlops(model, images);
        long steps = (long) Math.ceilDiv(publicSet.count(), pretraining.batch()) * pretraining.epochs();
        if (steps > Integer.MAX_VALUE) {
            throw new ArithmeticException("pretraining: " + pretraining.epochs() + " epochs of " + publicSet.count() + " images are "
                    + steps + " steps, expected at most " + Integer.MAX_VALUE);
        }
        if (pretraining.epochs() > 0) {
            Session session = sessions.session(model, Mode.TRAINING, Math.min(pretraining.batch(), publicSet.count()),
                    BatchLoader.options(plan.serverSessions(), publicSet, pretraining.augmentation()));
            Epochs epochs = new Epochs(session, publicSet, plan.local().optimizer(), pretraining.augmentation(), plan.seed(),
                    "pretraining");
            for (int epoch = 0; epoch < pretraining.epochs(); epoch++) {
                losses.add(epoch(epochs, epoch, pretraining) / publicSet.count());
            }
            model = session.state();
            checkFinite(model);
        }
        Costs costs = new Costs(Traffic.NONE, flops, System.nanoTime() - start);
        return new Outcome(model, new PretrainingReport(publicSet.count(), (int) steps, losses, costs));
    }

    /** The summed loss of an epoch; one that is not finite ends pretraining at the first place it is seen. */
    private static double epoch(Epochs epochs, int epoch, PretrainingPlan pretraining) {
        double loss;
        try {
            loss = epochs.run(pretraining.learningRate());
        } catch (ArithmeticException e) {
            throw (ArithmeticException) new ArithmeticException("pretraining diverged in epoch " + (epoch + 1) + ": " + e.getMessage()
                    + " (pretrain-learning-rate)").initCause(e);
        }
        if (!Double.isFinite(loss)) {
            throw new ArithmeticException("pretraining diverged in epoch " + (epoch + 1) + ": the summed loss is " + loss
                    + "; use a smaller pretrain-learning-rate");
        }
        return loss;
    }

    private static void checkFinite(ModelState model) {
        try {
            model.check();
        } catch (IllegalStateException e) {
            throw (ArithmeticException) new ArithmeticException("pretraining gave values that are not finite (" + e.getMessage()
                    + "); use a smaller pretraining learning rate").initCause(e);
        }
    }
}
