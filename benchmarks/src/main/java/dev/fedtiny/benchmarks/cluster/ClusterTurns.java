package dev.fedtiny.benchmarks.cluster;

import dev.fedtiny.benchmarks.comparison.DealtImages;
import dev.fedtiny.cluster.Cluster;
import dev.fedtiny.cluster.DeviceData;
import dev.fedtiny.cluster.EchoTurns;
import dev.fedtiny.cluster.EngineFleet;
import dev.fedtiny.cluster.Job;
import dev.fedtiny.cluster.NodeFacts;
import dev.fedtiny.cluster.TurnCost;
import dev.fedtiny.data.Datasets;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.experiment.EngineHosting;
import dev.fedtiny.experiment.EngineProvider;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.federation.Platforms;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.SessionTerms;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/**
 * Turns of devices on the nodes of a cluster that is there: rounds of a run that asks one device, and rounds of one that asks two for every
 * slot, in turn. The model is another in every round, so that a turn by itself always brings it; of turns that share a round it goes to
 * each node once. After every turn by itself the engine carries as many bytes there and back once more, for a turn that does nothing for as
 * long: what the engine costs by itself.
 *
 * @param engine whose nodes work
 * @param settings of both runs
 * @param nodes to wait for
 * @param images of every device
 */
public record ClusterTurns(EngineProvider engine, Map<SettingSpec<?>, String> settings, int nodes, int images) {
    private static final int DEVICES_A_SLOT = 2;

    /**
     * What was measured.
     *
     * @param slots of all nodes together
     * @param alone turns while nothing else is under way
     * @param engine turns of the same bytes and the same time that do nothing, while nothing else is under way
     * @param loaded turns while all slots work
     */
    public record Measured(int slots, List<TurnCost> alone, List<TurnCost> engine, List<TurnCost> loaded) {
    }

    /** A run whose rounds go on for as long as somebody wants them. */
    private static final class Federation {
        private final Cluster cluster;
        private final int asked;
        private final Method method;
        private final FederationContext context;
        private MethodState state;

        Federation(Cluster cluster, Experiment experiment, TrainTest all, FederatedData data) {
            this.cluster = cluster;
            asked = experiment.get(Setting.SAMPLE);
            method = experiment.method();
            TrainingPlan plan = experiment.plan(all.train());
            context = FederationContext.over(plan, new EngineFleet(cluster, new SessionTerms(plan.network(), plan.deviceSettings(),
                    Metering.OFF), new DeviceData.Sent(data.devices())), data, experiment.threads());
            state = method.init(context).state();
        }

        List<TurnCost> round() throws IOException {
            Method.RoundOutcome outcome = method.round(context, state);
            List<DeviceFailure> failures = outcome.report().failures();
            if (!failures.isEmpty()) {
                throw new IOException("a turn was not done, so that there is nothing to measure: " + failures.getFirst().reason());
            }
            state = outcome.state();
            return cluster.turns(asked);
        }
    }

    private Experiment experiment(int devices, int asked) {
        Map<SettingSpec<?>, String> own = new LinkedHashMap<>(settings);
        own.put(Setting.DEVICES, Integer.toString(devices));
        own.put(Setting.SAMPLE, Integer.toString(asked));
        return Experiment.of(own);
    }

    /**
     * Measures.
     *
     * @param turns of each kind, at least
     * @param warmUpSeconds of rounds before the first that counts: driver and nodes compile meanwhile
     * @param notes takes what happens on the cluster
     * @return what turns took
     * @throws IOException if the cluster is not there, or a turn was not done
     */
    public Measured measure(int turns, double warmUpSeconds, Consumer<String> notes) throws IOException {
        Experiment any = experiment(1, 1);
        try (Cluster cluster = new Cluster(engine.connect(any.get(Setting.CLUSTER)), Platforms.SAME,
                EngineHosting.rules(any, any.get(Setting.DEVICE_TIMEOUT)), notes)) {
            int slots = cluster.await(nodes).stream().mapToInt(NodeFacts::slots).sum();
            int devices = DEVICES_A_SLOT * slots;
            TrainTest all = Datasets.demo();
            FederatedData data = DealtImages.deal(all, devices, images);
            Federation one = new Federation(cluster, experiment(devices, 1), all, data);
            Federation many = new Federation(cluster, experiment(devices, devices), all, data);
            long start = System.nanoTime();
            do {
                echo(cluster, one.round().getLast());
                many.round();
            } while (System.nanoTime() - start < warmUpSeconds * 1e9);
            List<TurnCost> alone = new ArrayList<>();
            List<TurnCost> echoes = new ArrayList<>();
            List<TurnCost> loaded = new ArrayList<>();
            while (alone.size() < turns || loaded.size() < turns) {
                if (alone.size() < turns) {
                    alone.addAll(one.round());
                    echoes.add(echo(cluster, alone.getLast()));
                }
                if (loaded.size() < turns) {
                    loaded.addAll(many.round());
                }
            }
            return new Measured(slots, List.copyOf(alone), List.copyOf(echoes), List.copyOf(loaded));
        }
    }

    /** A turn of the same bytes and the same time that does nothing. */
    private static TurnCost echo(Cluster cluster, TurnCost like) throws IOException {
        byte[] content = EchoTurns.content(Duration.ofNanos(like.workNanos()), Math.toIntExact(like.sentBytes()),
                Math.toIntExact(like.answerBytes()));
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        cluster.submit(List.of(new Job() {
            @Override
            public String what() {
                return "an echo";
            }

            @Override
            public String task() {
                return EchoTurns.NAME;
            }

            @Override
            public Work work() {
                return new Work(content, Map.of(), Map.of());
            }

            @Override
            public void done(NodeFacts node, byte[] back) {
                answer.complete(back);
            }

            @Override
            public void failed(String sentence) {
                answer.completeExceptionally(new IOException(sentence));
            }
        }));
        try {
            answer.get();
        } catch (ExecutionException e) {
            throw new IOException("a turn was not done, so that there is nothing to measure: " + e.getCause().getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a turn was on its way", e);
        }
        return cluster.turns(1).getFirst();
    }
}
