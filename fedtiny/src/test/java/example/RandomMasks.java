package example;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.device.DeviceTask;
import dev.fedtiny.device.Epochs;
import dev.fedtiny.device.LocalJob;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.Baseline;
import dev.fedtiny.method.AlgorithmState;
import dev.fedtiny.method.DensityPromise;
import dev.fedtiny.method.FederatedRound;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodProvider;
import dev.fedtiny.method.MethodSettings;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.Pretraining;
import dev.fedtiny.method.RoundFigures;
import dev.fedtiny.method.RoundStep;
import dev.fedtiny.method.ScorePruning;
import dev.fedtiny.method.ScoreScope;
import dev.fedtiny.method.StateWriter;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.protocol.LocalResult;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.PayloadWriter;
import dev.fedtiny.protocol.TaskKind;
import dev.fedtiny.protocol.Update;
import dev.fedtiny.protocol.UpdateReader;
import dev.fedtiny.settings.Numbers;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A method that somebody else wrote, of public parts alone: a mask that is random to a share; devices that tell how many weights they moved
 * by more than a step; and a learning rate that falls with what it remembers of that.
 *
 * @param density d in (0, 1], of every prunable layer
 * @param share of chance in a weight's score, in [0, 1]; the rest is its magnitude
 */
public record RandomMasks(double density, double share) implements Method {
    /** Share of chance. */
    public static final SettingSpec<Double> SHARE = SettingSpec.decimal("toy-share", "1", "toy: share of chance in the score of a weight",
            new Numbers.Decimal(0, true, 1, "share"));

    private static final String NAME = "toy";
    private static final double STEP = 1e-5;

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
        return context.start(pretrained, ScorePruning.keep(model, scores, density, ScoreScope.LAYER), List.of(), new Unrest(0, 0));
    }

    @Override
    public LocalTask task(MethodState state) {
        return new Watch(STEP);
    }

    @Override
    public double learningRate(TrainingPlan plan, MethodState state) {
        return plan.learningRate(state.round()) / (1 + (state.memory() instanceof Unrest unrest ? unrest.rounds() : 0));
    }

    @Override
    public RoundStep step(FederationContext context, MethodState state) {
        Aggregation rule = context.aggregation();
        Aggregation.Average average = rule.average(Baseline.of(state.model()));
        Unrest before = (Unrest) state.memory();
        long[] moved = new long[1];
        return new RoundStep() {
            @Override
            public void take(int device, Update update) {
                average.add(rule.weight(update.samples()), update.values());
                moved[0] += ((Moved) update.result()).weights();
            }

            @Override
            public RoundOutcome finish(FederatedRound round) {
                ModelState model = round.somebody() ? average.in(state.model()) : state.model();
                return round.unchanged(model, new Unrest(before.rounds() + 1, before.moved() + moved[0]), model.density(),
                        new RoundFigures(NAME, Map.of("moved", moved[0])));
            }
        };
    }

    /**
     * Train, and count weights that moved by more than a step. Payload: step (8).
     *
     * @param step above 0
     */
    public record Watch(double step) implements DeviceTask {
        private static final TaskKind KIND = new TaskKind("toy-watch", (reader, _, _) -> {
            double step = reader.finite("step");
            if (!(step > 0)) {
                throw reader.content("step is " + step + ", expected more than 0");
            }
            return new Watch(step);
        });

        @Override
        public TaskKind kind() {
            return KIND;
        }

        @Override
        public void write(PayloadWriter writer) {
            writer.float64(step);
        }

        @Override
        public boolean comparesLater() {
            return true;
        }

        @Override
        public Update run(LocalJob job) {
            ModelState received = job.received();
            Session session = job.session(received);
            double lossSum = job.train(session, job.epochs(session, "local"), Epochs.Backward.PLAIN);
            ModelState trained = session.state();
            long moved = 0;
            for (int p : job.network().prunable()) {
                for (int i = 0; i < trained.values(p).length; i++) {
                    moved += Math.abs(trained.values(p)[i] - received.values(p)[i]) > step ? 1 : 0;
                }
            }
            return job.answer(trained, lossSum, new Moved(moved));
        }

        @Override
        public Moved readResult(UpdateReader update) {
            update.values(update.sent());
            long weights = update.payload().int64();
            long most = update.sent().stream().mapToLong(mask -> mask.count()).sum();
            if (weights < 0 || weights > most) {
                throw update.payload().content(weights + " weights moved, expected 0 to " + most);
            }
            return new Moved(weights);
        }

        @Override
        public long longestResult(Network network) {
            return Long.BYTES;
        }
    }

    /**
     * How many weights moved. Payload, after the values: their number (8).
     *
     * @param weights at least 0
     */
    public record Moved(long weights) implements LocalResult {
        @Override
        public void write(PayloadWriter writer, Network network, List<float[]> values) {
            writer.float32s(values).int64(weights);
        }
    }

    /**
     * What is remembered. In a checkpoint: rounds (4), weights moved (8).
     *
     * @param rounds done
     * @param moved weights, in all rounds and on all devices together
     */
    public record Unrest(int rounds, long moved) implements AlgorithmState {
        private static final Kind KIND = new Kind("toy-unrest",
                (reader, _) -> new Unrest(reader.int32In("rounds remembered", 0, Integer.MAX_VALUE), reader.int64()));

        @Override
        public Kind kind() {
            return KIND;
        }

        @Override
        public void write(StateWriter writer) throws IOException {
            writer.int32(rounds).int64(moved);
        }
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
        public List<TaskKind> tasks() {
            return List.of(Watch.KIND);
        }

        @Override
        public List<AlgorithmState.Kind> states() {
            return List.of(Unrest.KIND);
        }

        @Override
        public Method create(MethodSettings settings) {
            return new RandomMasks(settings.density(), settings.get(SHARE));
        }
    }
}
