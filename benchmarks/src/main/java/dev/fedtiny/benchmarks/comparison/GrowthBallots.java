package dev.fedtiny.benchmarks.comparison;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.BatchLoader;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.device.SessionCache;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.GradientSink;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.protocol.GrowthRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Which positions grow, by three rules, from the same gradients of the same devices: all gradients known (the best there is), every
 * device's a largest with their values (in the open), ballots for every device's a largest and then the sums at the positions of most
 * votes (masked).
 */
public final class GrowthBallots {
    private GrowthBallots() {
    }

    /**
     * What a rule finds in a layer.
     *
     * @param name of the layer
     * @param asked a, how many may grow
     * @param openShare of the a positions of largest true gradient, found in the open
     * @param openEnergy of the squared true gradients of these
     * @param ballotShare the same by ballots
     * @param ballotEnergy the same by ballots
     * @param openBytes that a device sends for it in the open
     * @param ballotBytes that a device sends for it by ballots
     */
    public record Found(String name, int asked, double openShare, double openEnergy, double ballotShare, double ballotEnergy,
            long openBytes, long ballotBytes) {
    }

    /**
     * Compares on an experiment after some of its rounds.
     *
     * @param experiment whose method grows
     * @param rounds done before
     * @param multiple positions asked for, in multiples of a
     * @return one a layer that grows in the next adjustment
     */
    public static List<Found> compare(Experiment experiment, int rounds, int multiple) {
        TrainTest images = experiment.open();
        TrainingPlan plan = experiment.plan(images.train());
        FederatedData data = experiment.data(images);
        Method method = experiment.method();
        try (FederationContext context = FederationContext.inProcess(plan, data, experiment.threads(), experiment.slots());
                SessionCache sessions = context.sessions()) {
            MethodState state = method.init(context).state();
            while (state.round() < rounds || !method.adjusts(state)) {
                state = method.round(context, state).state();
            }
            List<GrowthRequest> layers = method.task(state).layers();
            List<float[][]> gradients = new ArrayList<>();
            for (Dataset device : data.devices()) {
                gradients.add(gradients(state.model(), device, layers, plan, sessions));
            }
            List<Found> found = new ArrayList<>();
            for (int i = 0; i < layers.size(); i++) {
                int place = i;
                found.add(found(state.model(), layers.get(i), gradients.stream().map(all -> all[place]).toList(),
                        data.devices().stream().map(Dataset::count).toList(), multiple));
            }
            return found;
        }
    }

    /** Of a device's first full batch, at all positions of the layers. */
    private static float[][] gradients(ModelState model, Dataset device, List<GrowthRequest> layers, TrainingPlan plan,
            SessionCache sessions) {
        int count = Math.min(plan.batch(), device.count());
        Session session = sessions.session(model, Mode.TRAINING, plan.batch(),
                BatchLoader.options(plan.local().sessions(), device, Augmentation.NONE));
        int[] order = IntStream.range(0, count).toArray();
        BatchLoader.forImagesOf(device).load(device, order, 0, count, session);
        BatchLoader.loadLabels(device, order, 0, count, model.network().classes(), session.labels());
        float[][] all = new float[layers.size()][];
        GradientSink[] sinks = new GradientSink[layers.size()];
        for (int i = 0; i < sinks.length; i++) {
            float[] layer = new float[model.mask(layers.get(i).parameter()).size()];
            all[i] = layer;
            sinks[i] = (index, value) -> layer[index] = value;
        }
        session.forward(count);
        session.backward(layers.stream().mapToInt(GrowthRequest::parameter).toArray(), sinks);
        return all;
    }

    private static Found found(ModelState model, GrowthRequest layer, List<float[]> gradients, List<Integer> samples, int multiple) {
        int size = model.mask(layer.parameter()).size();
        int[] pruned = IntStream.range(0, size).filter(i -> !model.mask(layer.parameter()).contains(i)).toArray();
        double[] all = new double[size];
        double[] open = new double[size];
        int[] votes = new int[size];
        for (int k = 0; k < gradients.size(); k++) {
            float[] own = gradients.get(k);
            for (int i : pruned) {
                all[i] += (double) samples.get(k) * own[i];
            }
            for (int i : largest(pruned, j -> Math.abs(own[j]), layer.limit())) {
                open[i] += (double) samples.get(k) * own[i];
                votes[i]++;
            }
        }
        int[] best = largest(pruned, i -> Math.abs(all[i]), layer.limit());
        int[] byOpen = largest(pruned, i -> Math.abs(open[i]), layer.limit());
        int[] voted = largest(pruned, i -> votes[i], multiple * layer.limit());
        int[] byBallot = largest(voted, i -> Math.abs(all[i]), layer.limit());
        double energy = energy(best, all);
        return new Found(model.network().parameters().get(layer.parameter()).name(), layer.limit(), share(byOpen, best),
                energy(byOpen, all) / energy, share(byBallot, best), energy(byBallot, all) / energy, 4 + 8L * layer.limit(),
                size + 12L * voted.length);
    }

    /** Of equals the first. */
    private static int[] largest(int[] positions, IntToDoubleFunction value, int count) {
        return IntStream.of(positions).boxed().sorted(Comparator.<Integer>comparingDouble(i -> -value.applyAsDouble(i))
                .thenComparingInt(i -> i)).limit(count).mapToInt(i -> i).toArray();
    }

    private static double share(int[] found, int[] best) {
        int[] ascending = IntStream.of(best).sorted().toArray();
        return (double) IntStream.of(found).filter(i -> Arrays.binarySearch(ascending, i) >= 0).count() / best.length;
    }

    private static double energy(int[] positions, double[] gradient) {
        return IntStream.of(positions).mapToDouble(i -> gradient[i] * gradient[i]).sum();
    }
}
