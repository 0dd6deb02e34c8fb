package dev.fedtiny.benchmarks.timing;

import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.MeterReading;
import dev.fedtiny.engine.measure.OperatorCost;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.pruning.AdjustmentSchedule;
import dev.fedtiny.report.Repetitions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Times of adjustments, each beside what it is compared with: everything is done in turn, again and again, in one process.
 *
 * @param blocks gradients of every block
 * @param all those of all blocks together
 * @param change milliseconds to take over a state whose masks all are others
 * @param step milliseconds of a training step with momentum
 * @param share change / step, turn by turn
 */
public record AdjustmentTimes(List<Growth> blocks, Growth all, Timings change, Timings step, Timings share) {
    /** Turns before the first that counts. */
    private static final int WARM_UP = 3;
    private static final int LEAST = Repetitions.FOR_PERCENTILES;
    /** Of a usual schedule, the round with the largest exchange there can be. */
    private static final int ROUND = 0;
    private static final AdjustmentSchedule SCHEDULE = AdjustmentSchedule.usual(300);

    /**
     * Gradients of some weights.
     *
     * @param pruned milliseconds for all positions, the choice of the largest at pruned ones included
     * @param topK what of them that choice takes
     * @param dense milliseconds for the same weights in a network with nothing pruned
     * @param ratio pruned / dense, turn by turn
     */
    public record Growth(Timings pruned, Timings topK, Timings dense, Timings ratio) {
    }

    /** Measures for as long as the model says, and nine turns at least. */
    public static AdjustmentTimes measure(BenchedModel benched, Workers workers) {
        SessionOptions options = SessionOptions.DEFAULT.withAlgorithms(benched.algorithms());
        try (Session sparse = Session.open(benched.state(), Mode.TRAINING, benched.batch(), workers, options);
                Session dense = Session.open(benched.dense(), Mode.TRAINING, benched.batch(), workers, options)) {
            return new Turns(benched, workers, sparse, dense).measure();
        }
    }

    /** The work of a turn and what was measured in all of them. */
    private static final class Turns {
        private final BenchedModel benched;
        private final Session sparse;
        private final Session dense;
        private final Meter meter;
        private final Optimizer.Updater updater;
        private final int[] prunable;
        private final TopK[] buffers;
        private final ModelState[] states;
        private final float[] images;
        private final List<List<String>> layers = new ArrayList<>();
        private final List<double[][]> growths = new ArrayList<>();
        private final List<double[]> changes = new ArrayList<>();

        Turns(BenchedModel benched, Workers workers, Session sparse, Session dense) {
            this.benched = benched;
            this.sparse = sparse;
            this.dense = dense;
            meter = new Meter(workers);
            updater = new Sgd(0.9, 1e-4).bind(sparse);
            Network network = benched.dense().network();
            prunable = network.prunable().stream().mapToInt(p -> p).toArray();
            buffers = Arrays.stream(prunable).mapToObj(p -> new TopK(SCHEDULE.count(ROUND, sparse.mask(p).count(), sparse.mask(p).size())))
                    .toArray(TopK[]::new);
            states = new ModelState[] {benched.otherMasks(), benched.state()};
            images = benched.images();
            network.blocks().forEach(block -> layers.add(block.parameters().stream().map(p -> network.parameters().get(p).name())
                    .map(name -> name.substring(0, name.lastIndexOf('.'))).toList()));
            layers.add(layers.stream().flatMap(List::stream).toList());
        }

        AdjustmentTimes measure() {
            long start = 0;
            for (int turn = -WARM_UP; turn < LEAST || System.nanoTime() - start < benched.seconds() * 1e9; turn++) {
                if (turn == 0) {
                    start = System.nanoTime();
                    growths.clear();
                    changes.clear();
                }
                take(Math.floorMod(turn, states.length));
            }
            List<Growth> all = IntStream.range(0, layers.size()).mapToObj(this::growth).toList();
            return new AdjustmentTimes(all.subList(0, all.size() - 1), all.getLast(), of(changes, c -> c[0]), of(changes, c -> c[1]),
                    of(changes, c -> c[0] / c[1]));
        }

        private void take(int other) {
            double change = millis(() -> sparse.load(states[other]));
            double step = millis(() -> {
                forward(sparse);
                sparse.backward();
                updater.step(1e-3);
            });
            MeterReading grown = metered(sparse, () -> {
                for (TopK buffer : buffers) {
                    buffer.clear();
                }
                sparse.backward(prunable, buffers);
            });
            MeterReading whole = metered(dense, dense::backward);
            changes.add(new double[] {change, step});
            growths.add(layers.stream().map(names -> {
                double topK = millis(grown, names, PassKind.TOP_K);
                return new double[] {millis(grown, names, PassKind.GROWTH) + topK, topK, millis(whole, names, PassKind.BACKWARD_WEIGHT)};
            }).toArray(double[][]::new));
        }

        private void forward(Session session) {
            session.setImages(images, benched.batch());
            for (int i = 0; i < benched.batch(); i++) {
                session.labels()[i] = i % session.network().classes();
            }
            session.forward(benched.batch());
            session.lossSum();
        }

        private MeterReading metered(Session session, Runnable backward) {
            forward(session);
            session.measure(meter);
            MeterReading before = meter.read();
            backward.run();
            session.measure(null);
            return meter.read().since(before);
        }

        private static double millis(MeterReading reading, List<String> layers, PassKind pass) {
            return reading.operators().stream().filter(o -> o.pass() == pass && layers.contains(o.operator()))
                    .mapToLong(OperatorCost::nanos).sum() / 1e6;
        }

        private static double millis(Runnable work) {
            long before = System.nanoTime();
            work.run();
            return (System.nanoTime() - before) / 1e6;
        }

        private Growth growth(int block) {
            return new Growth(of(growths, g -> g[block][0]), of(growths, g -> g[block][1]), of(growths, g -> g[block][2]),
                    of(growths, g -> g[block][0] / g[block][2]));
        }

        private static <T> Timings of(List<T> turns, ToDoubleFunction<T> figure) {
            return new Timings(turns.stream().mapToDouble(figure).sorted().toArray());
        }
    }
}
