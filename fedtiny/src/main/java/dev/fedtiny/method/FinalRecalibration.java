package dev.fedtiny.method;

import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.measure.Exact;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.federation.NobodyAnsweredException;
import dev.fedtiny.federation.Server.PoolOutcome;
import dev.fedtiny.protocol.RunningStatistics;
import dev.fedtiny.protocol.Traffic;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A last federated step behind the rounds: the running statistics of an averaged model are averages too, of statistics that belong to the
 * devices' own weights, and so not quite those of the averaged weights. Devices measure them anew on their development data, as in stage
 * one, and the server averages what they measured, weighed by development samples. Weights stay. Devices asked are all, or 100 where there
 * are more, a seeded draw.
 */
public final class FinalRecalibration {
    private static final String STREAM = "recalibration-participants";

    private FinalRecalibration() {
    }

    /**
     * What came of it.
     *
     * @param models the last one with the statistics that devices measured, as every class of devices holds it, densest first; a class of
     *        which nobody measured keeps its statistics; empty where nobody did at all
     * @param reporters devices that measured, ascending
     * @param failures devices that dropped out, and why
     * @param costs of the step
     */
    public record Outcome(List<ModelState> models, List<Integer> reporters, List<DeviceFailure> failures, Costs costs) {
        /** Keeps its own lists. */
        public Outcome {
            models = List.copyOf(models);
            reporters = List.copyOf(reporters);
            failures = List.copyOf(failures);
        }

        /** {@return the whole model; empty where nobody measured} */
        public Optional<ModelState> model() {
            return models.stream().findFirst();
        }
    }

    /**
     * Why a run cannot have the step, in words that end a sentence.
     *
     * @param method of the run
     * @return empty where it can
     */
    public static Optional<String> refusal(Method method) {
        return method.masks() == DeviceMasks.OWN ? Optional.of("with " + method.name() + " every device has a model of its own, and there "
                + "is no last averaged one to recalibrate") : Optional.empty();
    }

    /**
     * The same of a network.
     *
     * @param network of the run
     * @return empty where it has running statistics
     */
    public static Optional<String> refusal(Network network) {
        return RunningStatistics.count(network) > 0 ? Optional.empty()
                : Optional.of("the network has no batch normalisation whose statistics could be measured");
    }

    /**
     * Does the step.
     *
     * @param context what it works with
     * @param state after the last round; stays as it is
     * @return the model with measured statistics, and what that cost
     */
    public static Outcome run(FederationContext context, MethodState state) {
        long start = System.nanoTime();
        Traffic before = context.server().traffic();
        List<ModelState> models = state.parts().models(state.model());
        TrainingPlan plan = context.plan();
        PoolAttempts attempts = new PoolAttempts(context);
        Optional<PoolOutcome> outcome;
        try {
            outcome = Optional.of(attempts.run(attempt -> TrainingPlan.sample(context.roster(), FedTiny.USUAL_SELECTION_SAMPLE,
                    () -> RandomStream.of(plan.seed(), STREAM, attempt)),
                    (attempt, devices, within) -> context.server().recalibrate(models, context::classOf, plan.batch(),
                            state.round(), devices, attempt, within)));
        } catch (NobodyAnsweredException e) {
            // The run has its model; it does without.
            outcome = Optional.empty();
        }
        long flops = 0;
        List<ModelState> measured = new ArrayList<>();
        for (int place = 0; place < models.size(); place++) {
            ModelState model = models.get(place);
            flops = Exact.sum("FLOPs of a recalibration", flops, ExactCost.forwardFlops(model, attempts.images(place)));
            if (outcome.isPresent()) {
                measured.add(outcome.get().statistics().get(place).getFirst().in(model));
            }
        }
        return new Outcome(measured, outcome.map(PoolOutcome::reporters).orElse(List.of()), attempts.failures(),
                new Costs(context.server().traffic().since(before), flops, System.nanoTime() - start));
    }
}
