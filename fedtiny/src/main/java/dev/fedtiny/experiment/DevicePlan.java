package dev.fedtiny.experiment;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.cost.PaperMethod;
import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.nn.FormatChoice;
import dev.fedtiny.engine.nn.Initializer;
import dev.fedtiny.engine.nn.Layer;
import dev.fedtiny.engine.nn.Mode;
import dev.fedtiny.engine.nn.ModelState;
import dev.fedtiny.engine.nn.Network;
import dev.fedtiny.engine.nn.Session;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.pruning.Magnitude;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * What a device's process needs for its dearest round, by what it is for, before there is a process. Weights are taken to be pruned evenly;
 * a method that chooses otherwise needs about as much.
 *
 * @param bytes of everything held at once; the room of Java itself is not in it
 * @param batch B, which it is for
 */
public record DevicePlan(Map<MemoryCategory, Long> bytes, int batch) {
    /** What Java itself takes of its heap, and the young generation: from floors measured beside the bytes that sessions hold. */
    static final long JAVA_BYTES = 5 << 20;
    private static final double LARGEST_SHARE = 0.3;
    /** Index and value of a buffered gradient, once in the buffer and once in the answer. */
    private static final int PAIR_BYTES = 16;
    private static final double MIB = 1 << 20;

    /** Keeps its own copy. */
    public DevicePlan {
        bytes = Map.copyOf(bytes);
    }

    /** What a device of an experiment needs. Opens a session and closes it again. */
    public static DevicePlan of(Experiment experiment, TrainingPlan plan) {
        CostClass kind = PaperMethod.of(experiment.text(Setting.METHOD)).costClass();
        double density = kind == CostClass.DENSE ? 1 : Double.parseDouble(experiment.text(Setting.DENSITY));
        return of(plan, density, kind, plan.batch());
    }

    private static DevicePlan of(TrainingPlan plan, double density, CostClass kind, int batch) {
        Network network = plan.network();
        ModelState dense = Initializer.initialize(network, 1);
        ModelState model = density == 1 ? dense : Magnitude.uniform(dense, density);
        try (Workers workers = Workers.of(1);
                Session session = Session.open(model, Mode.TRAINING, batch, workers, FormatChoice.AUTOMATIC)) {
            Map<MemoryCategory, Long> bytes = new EnumMap<>(session.ledger().liveByCategory());
            bytes.merge(MemoryCategory.OPTIMIZER, plan.optimizer().bind(session).bytes(), Long::sum);
            if (kind == CostClass.GROWTH_IN_ONE_BATCH) {
                long kept = network.blocks().stream()
                        .mapToLong(block -> block.parameters().stream().mapToLong(p -> model.mask(p).count()).sum()).max().orElse(0);
                bytes.merge(MemoryCategory.TOP_K, (long) (PAIR_BYTES * LARGEST_SHARE * kept), Long::sum);
            } else if (kind == CostClass.DENSE_GRADIENT_EVERY_STEP) {
                long positions = network.prunable().stream().mapToLong(p -> network.parameters().get(p).size()).sum();
                bytes.merge(MemoryCategory.GRADIENTS, 4 * positions, Long::sum);
            }
            if (kind == CostClass.GROWTH_IN_ONE_BATCH || kind == CostClass.DENSE_GRADIENT_EVERY_STEP) {
                long whole = wholeBatchScratch(network, batch);
                bytes.merge(MemoryCategory.WORKSPACE, whole, Math::max);
            }
            return new DevicePlan(bytes, batch);
        }
    }

    /** A layer that grows holds its input and the gradient of its output, with halos, for the whole batch; the largest layer counts. */
    private static long wholeBatchScratch(Network network, int batch) {
        long groups = Math.ceilDiv(batch, Layout.LANES);
        long floats = 0;
        for (Layer layer : network.layers()) {
            if (layer instanceof Layer.Conv2d conv && network.parameters().get(network.indexOf(conv.name() + ".weight")).prunable()) {
                Conv2dGeometry geometry = conv.geometry();
                long rim = geometry.kernelHeight() - 1;
                long input = (long) geometry.input().channels() * (geometry.input().height() + rim) * (geometry.input().width() + rim);
                long output = (long) geometry.outputChannels() * (geometry.outputHeight() + rim) * (geometry.outputWidth() + rim);
                floats = Math.max(floats, Layout.LANES * groups * (input + output));
            }
        }
        return 4 * floats;
    }

    /** Bytes of all categories together, and what Java itself takes. */
    public long total() {
        return bytes.values().stream().mapToLong(value -> value).sum() + JAVA_BYTES;
    }

    /** The figures in words, largest first. */
    private String figures() {
        return bytes.entrySet().stream().filter(e -> e.getValue() >= MIB / 20).sorted(Map.Entry.<MemoryCategory, Long>comparingByValue().reversed())
                .map(e -> String.format(Locale.ROOT, "%s %.1f", e.getKey().name().toLowerCase(Locale.ROOT).replace('_', ' '), e.getValue() / MIB))
                .collect(Collectors.joining(", ")) + String.format(Locale.ROOT, ", Java itself %.1f", JAVA_BYTES / MIB);
    }

    /**
     * The heap of a device process in MiB: what the experiment says, or what the plan needs and a fifth more.
     *
     * @throws IllegalArgumentException if the heap the experiment says cannot hold the plan: with the figures, and a batch that would fit
     */
    static int heapMiB(Experiment experiment, TrainingPlan plan) {
        DevicePlan needed = of(experiment, plan);
        OptionalInt given = experiment.deviceMemoryMiB();
        if (given.isEmpty()) {
            return (int) Math.ceil(1.2 * needed.total() / MIB);
        }
        if (needed.total() > given.getAsInt() * MIB) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, "device-memory = %d MiB, but a device needs %.1f MiB with batch = %d: "
                    + "%s MiB; %s", given.getAsInt(), needed.total() / MIB, needed.batch(), needed.figures(),
                    advice(experiment, plan, given.getAsInt())));
        }
        return given.getAsInt();
    }

    private static String advice(Experiment experiment, TrainingPlan plan, int heapMiB) {
        CostClass kind = PaperMethod.of(experiment.text(Setting.METHOD)).costClass();
        double density = kind == CostClass.DENSE ? 1 : Double.parseDouble(experiment.text(Setting.DENSITY));
        for (int batch = plan.batch() / 2 / Layout.LANES * Layout.LANES; batch >= Layout.LANES; batch -= Layout.LANES) {
            DevicePlan smaller = of(plan, density, kind, batch);
            if (smaller.total() <= heapMiB * MIB) {
                return String.format(Locale.ROOT, "batch = %d would fit (%.1f MiB); results are another experiment's then", batch,
                        smaller.total() / MIB);
            }
        }
        return "no batch would fit; use a smaller width or density, or more device-memory";
    }
}
