package dev.fedtiny.engine.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.MeterReading;
import dev.fedtiny.engine.measure.OperatorCost;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Sample;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.session.Sparsity;
import dev.fedtiny.engine.session.TestNetworks;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Modelled traffic of stored maps against a count by hand: which pass reads which map of one network, in either form of storage. */
class TrafficModelTest {
    private static final int BATCH = 24;
    private static final int GROUPS = BATCH / 8;
    private static final Network NETWORK = TestNetworks.residual();
    /** The stored maps that a pass reads in a step, by the operator that makes them: forward first, then backward. */
    private static final Map<String, List<String>> READS = Map.ofEntries(
            Map.entry("main VALUE", List.of("stem", "stem")), Map.entry("side VALUE", List.of("stem", "stem")),
            Map.entry("again VALUE", List.of("main", "side", "main", "side")),
            Map.entry("out VALUE", List.of("global_average_pool", "global_average_pool")),
            Map.entry("global_average_pool FORWARD", List.of("main", "side", "again")),
            // The value once more, and the sums over its gradient.
            Map.entry("global_average_pool BACKWARD_DATA", List.of("main", "side", "again", "again")),
            Map.entry("stem OUTPUT_GRADIENT", List.of("stem")), Map.entry("main OUTPUT_GRADIENT", List.of("main")),
            Map.entry("side OUTPUT_GRADIENT", List.of("side")), Map.entry("again OUTPUT_GRADIENT", List.of("again")),
            Map.entry("main INPUT_GRADIENT", List.of("stem")), Map.entry("again INPUT_GRADIENT", List.of("main", "side")));

    private static MeterReading step(ActivationStorage storage) {
        Sample sample = Sample.of(NETWORK, Sparsity.DENSE, BATCH, 5);
        SessionOptions options = SessionOptions.DEFAULT.withAlgorithms(new AlgorithmPolicy.Always(ConvolutionAlgorithm.CSR))
                .withActivations(storage);
        try (Workers workers = Workers.of(1); Session session = Session.open(sample.state(), Mode.TRAINING, BATCH, workers, options)) {
            Meter meter = new Meter(workers);
            session.measure(meter);
            sample.feed(session);
            session.forward(BATCH);
            session.backward();
            return meter.read();
        }
    }

    private static Map<String, Step> steps(ActivationStorage storage) {
        SessionOptions options = SessionOptions.DEFAULT.withActivations(storage);
        return new ExecutionPlan(NETWORK, new RunContext(NETWORK, Mode.TRAINING, BATCH, false, 1), options).steps.stream()
                .collect(Collectors.toMap(step -> name(step.label(NETWORK)), step -> step));
    }

    /** Operators without weights are numbered. */
    private static String name(String operator) {
        return operator.replaceAll("\\.\\d+", "");
    }

    private static long traffic(MeterReading reading, String operator, PassKind pass) {
        return reading.operators().stream().filter(o -> name(o.operator()).equals(operator) && o.pass() == pass)
                .mapToLong(OperatorCost::trafficBytes).sum();
    }

    private static long values(Step step) {
        return 8L * step.output.map.shape.size() * GROUPS;
    }

    private static long stored(Map<String, Step> steps, String maker) {
        return (steps.get(maker).output.map.rounds() ? 2 : 4) * values(steps.get(maker));
    }

    private static long reads(Map<String, Step> steps, String operator, PassKind pass) {
        return READS.getOrDefault(operator + " " + pass, List.of()).stream().mapToLong(maker -> stored(steps, maker)).sum();
    }

    /** What is rounded is read from scratch and written where it is stored, or the other way round. */
    private static long rounding(Map<String, Step> steps, String maker) {
        return steps.get(maker).output.map.rounds() ? (4 + 2) * values(steps.get(maker)) : 0;
    }

    private static long scratch(Map<String, Step> steps, String operator) {
        long channels = NETWORK.parameters().get(NETWORK.indexOf(operator + ".weight")).columns() / taps(operator);
        return 4L * steps.get(operator).inputs.getFirst().placement.channel() * channels * GROUPS;
    }

    /** What a plan moves more for values than one in which every operator computes its own in both passes: one keeps what another reads. */
    private static long sampling(Map<String, Step> steps, String operator, PassKind pass) {
        if (pass != PassKind.VALUE) {
            return 0;
        }
        if (!((ConvolutionStep) steps.get("side")).sampled().found()) {
            return 0;
        }
        return switch (operator) {
            case "main" -> scratch(steps, "side");
            case "side" -> -scratch(steps, "side") - reads(steps, "side", PassKind.VALUE) / 2;
            default -> 0;
        };
    }

    /** Kernels read and write scratch; a contribution that is added to a stored gradient is widened first. */
    @Test
    void kernelsMoveTheSameInEitherFormButForWhatTheyAddTo() {
        MeterReading single = step(ActivationStorage.FLOAT32);
        MeterReading half = step(ActivationStorage.BFLOAT16);
        Map<String, Step> singles = steps(ActivationStorage.FLOAT32);
        Map<String, Step> halves = steps(ActivationStorage.BFLOAT16);
        assertTrue(sampling(singles, "main", PassKind.VALUE) > 0, "nothing is kept for the shortcut");
        for (String operator : List.of("stem", "main", "side", "again")) {
            assertTrue(halves.get(operator).output.map.rounds(), operator);
            for (PassKind pass : List.of(PassKind.FORWARD, PassKind.BACKWARD_WEIGHT, PassKind.REFRESH)) {
                assertEquals(traffic(single, operator, pass), traffic(half, operator, pass), operator + " " + pass);
            }
            // The stem's gradient begins with the shortcut's part, that of the first sum with a copy of the second's.
            long widening = switch (operator) {
                case "main" -> rounding(halves, "stem");
                case "again" -> rounding(halves, "main");
                default -> 0;
            };
            assertEquals(traffic(single, operator, PassKind.BACKWARD_DATA) + widening,
                    traffic(half, operator, PassKind.BACKWARD_DATA), operator);
        }
        String pool = "global_average_pool";
        assertEquals(traffic(single, pool, PassKind.FORWARD) - reads(singles, pool, PassKind.FORWARD)
                + reads(halves, pool, PassKind.FORWARD), traffic(half, pool, PassKind.FORWARD));
        // Three times two bytes less: the gradient is read for sums, and read and written for the first sum's.
        assertEquals(traffic(single, pool, PassKind.BACKWARD_DATA) - reads(singles, pool, PassKind.BACKWARD_DATA)
                + reads(halves, pool, PassKind.BACKWARD_DATA) + rounding(halves, "again") - 3 * 2 * values(halves.get("again")),
                traffic(half, pool, PassKind.BACKWARD_DATA));
    }

    @ParameterizedTest
    @EnumSource(ActivationStorage.class)
    void passesThatWalkMapsReadThemAsTheyAreStored(ActivationStorage storage) {
        MeterReading reading = step(storage);
        Map<String, Step> steps = steps(storage);
        for (String operator : List.of("stem", "main", "side", "again")) {
            Step step = steps.get(operator);
            long images = operator.equals("stem") ? 2 * 4L * 8 * NETWORK.input().size() * GROUPS : 0;
            assertEquals(2 * scratch(steps, operator) + images + reads(steps, operator, PassKind.VALUE)
                            + sampling(steps, operator, PassKind.VALUE),
                    traffic(reading, operator, PassKind.VALUE), operator);
            long gradients = 4L * step.output.gradientPlacement.channel() * step.output.map.shape.channels() * GROUPS + stored(steps,
                    operator);
            assertEquals(gradients + reads(steps, operator, PassKind.OUTPUT_GRADIENT),
                    traffic(reading, operator, PassKind.OUTPUT_GRADIENT), operator);
            assertEquals(stored(steps, operator) + rounding(steps, operator),
                    traffic(reading, operator, PassKind.STATISTICS), operator);
        }
        // ReLU's mask in scratch: gradient read and written, value read; rounding; a read of the gradient for the sums of each
        // normalisation.
        assertEquals(3 * 4 * values(steps.get("stem")) + rounding(steps, "stem") + stored(steps, "stem")
                + reads(steps, "main", PassKind.INPUT_GRADIENT), traffic(reading, "main", PassKind.INPUT_GRADIENT));
        assertEquals(3 * 4 * values(steps.get("main")) + rounding(steps, "main") + 2 * stored(steps, "main")
                + reads(steps, "again", PassKind.INPUT_GRADIENT), traffic(reading, "again", PassKind.INPUT_GRADIENT));
        assertEquals(rounding(steps, "stem"), traffic(reading, "side", PassKind.INPUT_GRADIENT));
    }

    /** Wide maps and few weights: planes are computed one after the other, and each is rounded while it lies in the nearest cache. */
    @Test
    void planesCountWhereTheyAreStored() {
        Network.Builder net = Network.builder(new Shape(3, 16, 16)).block("all");
        int x = net.relu(net.batchNorm2d("norm", net.conv2d("first", 0, 6, 3, 1, 1, false, true)));
        x = net.relu(net.batchNorm2d("norm2", net.conv2d("second", x, 6, 3, 1, 1, false, true)));
        net.linear("out", net.globalAveragePool(x), 3, true, true);
        Network network = net.build();
        Sample sample = Sample.of(network, Sparsity.FIVE_PERCENT, 8, 5);
        long map = 8L * 6 * 16 * 16;
        for (ActivationStorage storage : ActivationStorage.values()) {
            SessionOptions options = SessionOptions.DEFAULT.withActivations(storage);
            try (Workers workers = Workers.of(1); Session session = Session.open(sample.state(), Mode.TRAINING, 8, workers, options)) {
                Meter meter = new Meter(workers);
                session.measure(meter);
                sample.feed(session);
                session.forward(8);
                session.backward();
                MeterReading reading = meter.read();
                boolean rounds = storage == ActivationStorage.BFLOAT16;
                // Written and read for the moments; the gradient written, read and written under ReLU's mask, and read for sums.
                assertEquals(rounds ? 2 * 2 * map : 4 * map, traffic(reading, "second", PassKind.STATISTICS), storage.toString());
                // Beside the value in scratch and the map that the sums read.
                assertEquals(rounds ? (4 + 2 + 2 + 2) * map : (3 * 4 + 4 + 4) * map, traffic(reading, "second", PassKind.INPUT_GRADIENT),
                        storage.toString());
            }
        }
    }

    private static int taps(String operator) {
        return operator.equals("side") ? 1 : 9;
    }
}
