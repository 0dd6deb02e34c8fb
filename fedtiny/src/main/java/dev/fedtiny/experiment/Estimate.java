package dev.fedtiny.experiment;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.cost.PaperCost;
import dev.fedtiny.data.Datasets;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.settings.SettingSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What an experiment will cost, told before it runs, in two counts that are never mixed: the papers' and the exact one.
 *
 * @param experiment its settings
 * @param images the training images, in words
 * @param costClass how the papers count the method
 * @param paper the papers' count; density 1 for a dense method
 * @param exact what this implementation will compute, send and hold if every device asked is there and in time
 * @param expected the same as expected values with the experiment's dropouts; empty when it has none
 */
public record Estimate(Experiment experiment, String images, CostClass costClass, PaperCost paper, ExactEstimate exact,
        Optional<ExpectedTotals> expected) {
    /** The value of {@code data} that stands for the papers' setting; no folder is opened for it. */
    private static final String PAPER_DATA = "cifar10 (counted, not read)";

    /**
     * Estimates an experiment. When no data are named, the papers' setting is taken: CIFAR-10's 50,000 images, and the defaults that are
     * not the demo's.
     *
     * @param given settings; the others have their defaults
     * @param initialise whether to pretrain and choose the mask for real, so that the exact count is the run's own; with no data named,
     *        on the demo
     * @return the estimate
     */
    public static Estimate of(Map<SettingSpec<?>, String> given, boolean initialise) {
        if (given.containsKey(Setting.DATA) || initialise) {
            Experiment experiment = Experiment.of(given);
            return of(experiment, experiment.open(), initialise);
        }
        Map<SettingSpec<?>, String> paper = new LinkedHashMap<>();
        paper.putAll(given);
        paper.put(Setting.DATA, PAPER_DATA);
        Experiment experiment = Experiment.of(paper);
        return of(experiment, experiment.limited(Datasets.blankCifar10()), false);
    }

    private static Estimate of(Experiment experiment, TrainTest images, boolean initialise) {
        CostClass costClass = costClass(experiment);
        double density = experiment.method().promise().density();
        long each = Math.max(1, Math.round((double) images.train().count() / experiment.get(Setting.DEVICES)));
        TrainingPlan plan = experiment.plan(images.train());
        PaperCost paper = new PaperCost(plan.network(), density, each, plan.epochs(), plan.batch());
        ExactEstimate exact = DryRun.of(experiment, images, initialise);
        return new Estimate(experiment, images.train().toString(), costClass, paper, exact,
                plan.reliability().dropout() == 0 ? Optional.empty() : Optional.of(ExpectedTotals.of(exact, plan.reliability())));
    }

    /**
     * How the papers count an experiment's method: one that could adjust its mask and never does is one with a static mask.
     *
     * @param experiment its settings
     * @return how its method is counted
     */
    public static CostClass costClass(Experiment experiment) {
        return costClass(experiment.method(), experiment.get(Setting.ROUNDS));
    }

    private static CostClass costClass(Method method, int rounds) {
        CostClass usual = method.costClass();
        boolean adjusts = method.schedule().filter(schedule -> schedule.adjustments(rounds) > 0).isPresent();
        return usual == CostClass.DENSE || adjusts ? usual : CostClass.STATIC;
    }
}
