package dev.fedtiny.experiment;

import dev.fedtiny.method.FedAvg;
import dev.fedtiny.method.FedDst;
import dev.fedtiny.method.FedMef;
import dev.fedtiny.method.FedRts;
import dev.fedtiny.method.FedSgc;
import dev.fedtiny.method.FedTiny;
import dev.fedtiny.method.FlPqsu;
import dev.fedtiny.method.LotteryFl;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.PruneFl;
import dev.fedtiny.method.ScoreScope;
import dev.fedtiny.method.Selection;
import dev.fedtiny.method.Snip;
import dev.fedtiny.method.SynFlow;
import dev.fedtiny.pruning.AdjustmentSchedule;
import dev.fedtiny.pruning.CandidatePool;
import dev.fedtiny.pruning.Granularity;
import dev.fedtiny.pruning.Order;
import java.util.Optional;

/** The settings of methods, read as the one that is wanted. All are checked, whichever it is. */
final class MethodSettings {
    /** Names on the command line, in files and in tables. */
    private enum MethodName {
        FEDTINY, FEDAVG, FL_PQSU, SNIP, SYNFLOW, PRUNEFL, FEDDST, LOTTERYFL, FEDMEF, FEDRTS, FEDSGC
    }

    private static final int MOST_CANDIDATES = 100_000;
    private static final int MOST_STEPS = 1_000_000;

    private final Values values;
    private final int rounds;

    MethodSettings(Values values, int rounds) {
        this.values = values;
        this.rounds = rounds;
    }

    /** The method. */
    Method method() {
        double density = values.number(Setting.DENSITY, 0, 1, false);
        Selection selection = values.choice(Setting.SELECTION, Selection.class);
        int pool = values.integer(Setting.POOL, 0, MOST_CANDIDATES);
        int selectionSample = values.integer(Setting.SELECTION_SAMPLE, 0);
        ScoreScope scope = values.choice(Setting.SCORE_SCOPE, ScoreScope.class);
        int snipSteps = values.integer(Setting.SNIP_STEPS, 1, MOST_STEPS);
        int synFlowSteps = values.integer(Setting.SYNFLOW_STEPS, 1, MOST_STEPS);
        boolean everyRound = values.bool(Setting.PRUNEFL_EVERY_ROUND);
        double threshold = values.number(Setting.LOTTERYFL_THRESHOLD, 0, 1, true);
        double lotteryShare = values.number(Setting.LOTTERYFL_SHARE, 0, Math.nextDown(1.0), false);
        double penalty = values.number(Setting.FEDMEF_PENALTY, 0, Double.MAX_VALUE, true);
        double activations = values.number(Setting.FEDMEF_ACTIVATIONS, 0, 1, false);
        double weight = values.number(Setting.FEDRTS_WEIGHT, 0, Double.MAX_VALUE, false);
        double globalShare = values.number(Setting.FEDRTS_GLOBAL_SHARE, 0, 1, true);
        double pruneShare = values.number(Setting.FEDSGC_PRUNE_SHARE, 0, 1, true);
        double growShare = values.number(Setting.FEDSGC_GROW_SHARE, 0, 1, true);
        Optional<AdjustmentSchedule> schedule = schedule();
        return switch (values.choice(Setting.METHOD, MethodName.class)) {
            case FEDTINY -> new FedTiny(density, pool == 0 ? CandidatePool.defaultSize(density) : pool, selection, schedule,
                    selectionSample);
            case FEDAVG -> new FedAvg();
            case FL_PQSU -> new FlPqsu(density);
            case SNIP -> new Snip(density, snipSteps, scope);
            case SYNFLOW -> new SynFlow(density, synFlowSteps, scope);
            case PRUNEFL -> new PruneFl(density, schedule, everyRound);
            case FEDDST -> new FedDst(density, schedule);
            case LOTTERYFL -> new LotteryFl(density, threshold, lotteryShare);
            case FEDMEF -> new FedMef(density, schedule, penalty, activations);
            case FEDRTS -> new FedRts(density, schedule, weight, globalShare);
            case FEDSGC -> new FedSgc(density, schedule, pruneShare, growShare);
        };
    }

    /** When masks are adjusted, if they are. */
    private Optional<AdjustmentSchedule> schedule() {
        int every = values.integer(Setting.ADJUST_EVERY, 0);
        int until = values.integer(Setting.ADJUST_UNTIL, 0);
        Granularity granularity = values.choice(Setting.GRANULARITY, Granularity.class);
        Order order = values.choice(Setting.ORDER, Order.class);
        int interval = every == 0 ? AdjustmentSchedule.usualInterval(rounds, granularity) : every;
        int end = until == 0 ? AdjustmentSchedule.usualUntil(rounds, AdjustmentSchedule.usualInterval(rounds)) : until;
        if (end <= interval) {
            throw new IllegalArgumentException("adjust-until = " + end + " is not after adjust-every = " + interval
                    + ": no round would adjust, since the first that could is round " + (interval + 1L)
                    + "; use a larger adjust-until, or progressive = false");
        }
        return values.bool(Setting.PROGRESSIVE) ? Optional.of(new AdjustmentSchedule(interval, end, granularity, order)) : Optional.empty();
    }
}
