package example;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.method.AlgorithmState;
import dev.fedtiny.method.DensityPromise;
import dev.fedtiny.method.FederatedRound;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodProvider;
import dev.fedtiny.method.MethodSettings;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.Pretraining;
import dev.fedtiny.method.ScorePruning;
import dev.fedtiny.method.ScoreScope;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.settings.Numbers;
import dev.fedtiny.settings.SettingSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * A method that somebody else wrote, of public parts alone: a mask that is random to a share, and a learning rate that falls with the
 * rounds it remembers.
 *
 * @param density d in (0, 1], of every prunable layer
 * @param share of chance in a weight's score, in [0, 1]; the rest is its magnitude
 */
public record RandomMasks(double density, double share) implements Method {
    /** Share of chance. */
    public static final SettingSpec<Double> SHARE = SettingSpec.decimal("toy-share", "1", "toy: share of chance in the score of a weight",
            new Numbers.Decimal(0, true, 1, "share"));

    private static final String NAME = "toy";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CostClass costClass() {
        return CostClass.STATIC;
    }

    @Override
    public DensityPromise promise() {
        return new DensityPromise(DensityPromise.Kind.CONSTANT, density);
    }

    @Override
    public InitOutcome init(FederationContext context) {
        Pretraining.Outcome pretrained = context.pretrain(promise());
        ModelState model = pretrained.model();
        RandomStream chance = RandomStream.of(context.plan().seed(), "toy-mask");
        List<float[]> scores = new ArrayList<>();
        for (int p : model.network().prunable()) {
            float[] layer = model.values(p).clone();
            for (int i = 0; i < layer.length; i++) {
                layer[i] = (float) (share * chance.nextDouble() + (1 - share) * Math.abs(layer[i]));
            }
            scores.add(layer);
        }
        return context.start(pretrained, ScorePruning.keep(model, scores, density, ScoreScope.LAYER), List.of(),
                new AlgorithmState.Bytes(new byte[] {0}));
    }

    @Override
    public LocalTask task(MethodState state) {
        return new LocalTask.Ordinary();
    }

    @Override
    public RoundOutcome round(FederationContext context, MethodState state) {
        byte rounds = ((AlgorithmState.Bytes) state.memory()).content()[0];
        Aggregation rule = context.aggregation();
        Aggregation.Average average = rule.average();
        FederatedRound round = FederatedRound.run(context, state, task(state), learningRate(context.plan(), state.round()) / (1 + rounds),
                (_, update) -> average.add(rule.weight(update.samples()), update.values()));
        return round.unchanged(round.somebody() ? average.in(state.model()) : state.model(),
                new AlgorithmState.Bytes(new byte[] {(byte) (rounds + 1)}));
    }

    /** Finds the method by its name. */
    public static final class Provider implements MethodProvider {
        /** For the service loader. */
        public Provider() {
        }

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public String description() {
            return "one random mask for the whole run";
        }

        @Override
        public List<SettingSpec<?>> settings() {
            return List.of(MethodSettings.DENSITY, SHARE);
        }

        @Override
        public Method create(MethodSettings settings) {
            return new RandomMasks(settings.density(), settings.get(SHARE));
        }
    }
}
