package dev.fedtiny.method;

import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.measure.Exact;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.pruning.LayerCounts;
import dev.fedtiny.federation.DeviceClass;
import dev.fedtiny.federation.Pools;
import dev.fedtiny.federation.Server;
import dev.fedtiny.federation.Server.PoolOutcome;
import dev.fedtiny.protocol.Evaluation;
import dev.fedtiny.protocol.RunningStatistics;
import dev.fedtiny.protocol.Traffic;
import dev.fedtiny.pruning.CandidatePool;
import java.util.ArrayList;
import java.util.List;

/**
 * FedTiny's adaptive batch-normalisation selection (coarse pruning): the pool goes out, devices recalibrate and evaluate, the smallest
 * loss by the plan's {@link dev.fedtiny.federation.SelectionVote} wins; candidates that failed lose, ties go to the lower candidate.
 */
final class BatchNormSelection {
    private BatchNormSelection() {
    }

    /**
     * What was chosen.
     *
     * @param model the chosen candidate with the statistics it was evaluated with
     * @param statistics the same of what every class of devices holds of it, densest first
     * @param report how all candidates did
     */
    record Outcome(ModelState model, List<RunningStatistics> statistics, SelectionReport report) {
    }

    static Outcome run(FederationContext context, ModelState pretrained, FedTiny method) {
        long start = System.nanoTime();
        Server server = context.server();
        Traffic before = server.traffic();
        CandidatePool pool = CandidatePool.draw(pretrained, method.density(), method.pool(), context.plan().seed());
        Pools pools = pools(pool, context);
        PoolAttempts attempts = new PoolAttempts(context);
        int batch = context.plan().batch();
        // It cannot be skipped as a round can: without it there is no model.
        PoolOutcome outcome = attempts.run(number -> method.selectionParticipants(context.roster(), context.plan().seed(), number),
                (number, devices, within) -> method.selection() == Selection.ADAPTIVE
                        ? server.recalibrateAndEvaluate(pools, batch, devices, number, within)
                        : server.evaluate(pools, batch, devices, number, within));
        CandidateVote vote = new CandidateVote(context.plan().robustness().vote(), outcome.evaluations());
        List<SelectionReport.Candidate> scored = new ArrayList<>();
        long flops = 0;
        for (int c = 0; c < pool.size(); c++) {
            ModelState candidate = pool.candidate(c);
            for (int place = 0; place < pools.byClass().size(); place++) {
                flops = Exact.sum("FLOPs of stage one", flops,
                        ExactCost.forwardFlops(place == 0 ? candidate : pools.byClass().get(place).candidate(c), attempts.images(place)));
            }
            scored.add(new SelectionReport.Candidate(vote.loss(c), vote.accuracy(c), vote.standardError(c), candidate.prunableActive(),
                    candidate.density(), ExactCost.trainingFlops(candidate, 1)));
        }
        int chosen = choose(scored);
        SelectionReport report = new SelectionReport(method.selection(), context.plan().robustness().vote(), scored, chosen,
                outcome.reporters(), attempts.failures(),
                new Costs(server.traffic().since(before), flops, System.nanoTime() - start));
        List<RunningStatistics> statistics = outcome.statistics().stream().map(candidates -> candidates.get(chosen)).toList();
        return new Outcome(statistics.getFirst().in(pool.candidate(chosen)), statistics, report);
    }

    /** Every class of devices judges what it can hold of each candidate. */
    private static Pools pools(CandidatePool whole, FederationContext context) {
        List<DeviceClass> classes = context.plan().local().classes().all();
        List<CandidatePool> byClass = new ArrayList<>(List.of(whole));
        int[] sizes = LayerCounts.sizes(context.plan().network());
        for (int place = 1; place < classes.size(); place++) {
            double density = classes.get(place).density();
            byClass.add(whole.part(byClass.getLast(), density / classes.getFirst().density(), LayerCounts.budget(sizes, density)));
        }
        return new Pools(byClass, context::classOf);
    }

    /** The smallest finite loss, the first on ties. */
    static int choose(List<SelectionReport.Candidate> candidates) {
        int best = -1;
        for (int c = 0; c < candidates.size(); c++) {
            double loss = candidates.get(c).loss();
            if (Double.isFinite(loss) && (best < 0 || loss < candidates.get(best).loss())) {
                best = c;
            }
        }
        if (best < 0) {
            throw new ArithmeticException("stage one: every candidate has failed, none has a loss below " + Evaluation.FAILED_LOSS
                    + " a sample; if pretraining went wrong, use a smaller pretraining learning rate (pretrain-learning-rate)");
        }
        return best;
    }
}
