package dev.fedtiny.experiment;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.device.MemoryBudgetException;
import dev.fedtiny.engine.measure.Exact;
import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.pruning.LayerCounts;
import dev.fedtiny.engine.session.MemoryEstimate;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.federation.DeviceClass;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.pruning.AdjustmentSchedule;
import dev.fedtiny.pruning.Granularity;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What a device's process needs for its most expensive round, by what it is for, before there is a process. Weights are taken to be pruned
 * evenly; a method that chooses otherwise needs about as much.
 *
 * @param bytes of everything held at once; the room of Java itself is not in it
 * @param batch B, which it is for
 */
public record DevicePlan(Map<MemoryCategory, Long> bytes, int batch) {
    /** What Java itself takes of its heap, and the young generation: from floors measured beside the bytes that sessions hold. */
    static final long JAVA_BYTES = 5 << 20;
    /** Index and value of a buffered gradient, once in the buffer with its spare room and once in the answer. */
    private static final int PAIR_BYTES = 18;
    /** A gradient and a ballot, where a device votes for positions. */
    private static final long SUMMED_BYTES = 5;
    private static final double MIB = 1 << 20;

    /** Keeps its own copy. */
    public DevicePlan {
        bytes = Map.copyOf(bytes);
    }

    /**
     * What a device of an experiment needs. Allocates nothing of it.
     *
     * @param experiment its settings
     * @param plan what all methods have in common
     * @return bytes of its most expensive round, for the plan's batch
     */
    public static DevicePlan of(Experiment experiment, TrainingPlan plan) {
        return of(experiment, plan, plan.batch());
    }

    /** The same with another batch. */
    static DevicePlan of(Experiment experiment, TrainingPlan plan, int batch) {
        return of(plan, Need.of(experiment, plan), batch, plan.local().sessions());
    }

    /**
     * What a device's work is.
     *
     * @param density of the model it holds
     * @param kind which gradients it takes
     * @param share of active weights that the largest adjustment exchanges
     * @param granularity which layers an adjustment touches
     * @param summedBytes what it holds besides where it tells sums only
     */
    private record Need(double density, CostClass kind, double share, Granularity granularity, long summedBytes) {
        static Need of(Experiment experiment, TrainingPlan plan) {
            Method method = experiment.method();
            if (method.costClass() == CostClass.DENSE) {
                return new Need(1, CostClass.DENSE, 0, Granularity.BLOCK, 0);
            }
            double density = method.promise().density();
            // One that could adjust its mask and never does takes no gradients at pruned positions.
            return method.schedule().map(schedule -> ofAdjusting(method.costClass(), density, schedule, plan)).orElse(ofStatic(density));
        }

        private static Need ofAdjusting(CostClass kind, double density, AdjustmentSchedule schedule, TrainingPlan plan) {
            boolean summed = kind == CostClass.GROWTH_IN_ONE_BATCH && plan.privacy().secure().isPresent();
            return new Need(density, kind, schedule.share(), schedule.granularity(),
                    summed ? SUMMED_BYTES * positions(plan.network(), schedule.granularity()) : 0);
        }

        /** Of devices under a mask that stays, or that hold a part of the model. */
        static Need ofStatic(double density) {
            return new Need(density, CostClass.STATIC, 0, Granularity.BLOCK, 0);
        }

        /** Positions of the layers of the largest adjustment. */
        private static long positions(Network network, Granularity granularity) {
            return granularity.parts(network).stream().mapToLong(
                    part -> part.stream().mapToLong(p -> network.parameters().get(p).size()).sum()).max().orElse(0);
        }
    }

    /**
     * What devices of every class need; those that hold a part of the model take no gradients at pruned positions.
     *
     * @param experiment its settings
     * @param plan with the classes
     * @return one a class, densest first; of a plan without classes none
     */
    public static List<DevicePlan> byClass(Experiment experiment, TrainingPlan plan) {
        List<DevicePlan> plans = new ArrayList<>();
        for (DeviceClass one : plan.local().classes().all()) {
            plans.add(plans.isEmpty() ? of(experiment, plan)
                    : of(plan, Need.ofStatic(one.density()), plan.batch(), plan.local().sessions()));
        }
        return plans;
    }

    /** Checks that devices of every class can hold what they have to, where it is said what they can hold. */
    static void checkClasses(Experiment experiment, TrainingPlan plan) {
        List<DevicePlan> plans = byClass(experiment, plan);
        for (int place = 0; place < plans.size(); place++) {
            DeviceClass one = plan.local().classes().all().get(place);
            DevicePlan needed = plans.get(place);
            if (one.memoryBytes().isPresent() && needed.total() > one.memoryBytes().getAsLong()) {
                Need work = place == 0 ? Need.of(experiment, plan) : Need.ofStatic(one.density());
                throw new IllegalArgumentException(String.format(Locale.ROOT, "device-classes: a device of '%s' has %.1f MiB, but needs "
                        + "%.1f MiB at density %s with batch = %d: %s MiB; %s", one.name(), one.memoryBytes().getAsLong() / MIB,
                        needed.total() / MIB, one.density(), needed.batch(), needed.figures(),
                        advice(plan, work, (int) (one.memoryBytes().getAsLong() / MIB))));
            }
        }
    }

    private static DevicePlan of(TrainingPlan plan, Need need, int batch, SessionOptions sessions) {
        Network network = plan.network();
        CostClass kind = need.kind();
        int[] active = LayerCounts.uniformOfAll(network, need.density());
        int images = kind == CostClass.GROWTH_IN_ONE_BATCH ? Math.max(batch, plan.local().growthBatch()) : batch;
        MemoryEstimate session = MemoryEstimate.of(network, active, Mode.TRAINING, images, 1, sessions);
        Map<MemoryCategory, Long> bytes = new EnumMap<>(session.bytes());
        bytes.merge(MemoryCategory.OPTIMIZER, plan.local().stateBytes(network, active), Long::sum);
        if (kind == CostClass.GROWTH_IN_ONE_BATCH) {
            long largest = need.granularity().parts(network).stream().mapToLong(part -> part.stream().mapToLong(p -> active[p]).sum())
                    .max().orElse(0);
            bytes.merge(MemoryCategory.TOP_K, (long) (PAIR_BYTES * need.share() * largest) + need.summedBytes(), Long::sum);
        } else if (kind == CostClass.DENSE_GRADIENT_EVERY_STEP) {
            long positions = network.prunable().stream().mapToLong(p -> network.parameters().get(p).size()).sum();
            bytes.merge(MemoryCategory.GRADIENTS, 4 * positions, Long::sum);
        }
        if (kind == CostClass.GROWTH_IN_ONE_BATCH || kind == CostClass.DENSE_GRADIENT_EVERY_STEP) {
            bytes.merge(MemoryCategory.WORKSPACE, session.growthBytes(), Long::sum);
        }
        return new DevicePlan(bytes, batch);
    }

    /** {@return how many bytes all categories take together, and Java itself} */
    public long total() {
        return bytes.values().stream().mapToLong(value -> value).reduce(JAVA_BYTES, (a, b) -> Exact.sum("bytes of a device", a, b));
    }

    private String figures() {
        return MemoryBudgetException.figures(bytes) + String.format(Locale.ROOT, ", Java itself %.1f", JAVA_BYTES / MIB);
    }

    /**
     * The heap of a device process in MiB: what the experiment says, or what the plan needs and a fifth more.
     *
     * @param experiment its settings
     * @param plan what all methods have in common
     * @return MiB
     * @throws IllegalArgumentException if the heap the experiment says cannot hold the plan: with the figures, and a batch that would fit
     */
    public static int heapMiB(Experiment experiment, TrainingPlan plan) {
        DevicePlan needed = of(experiment, plan);
        OptionalInt given = experiment.deviceMemoryMiB();
        if (given.isEmpty()) {
            return (int) Math.ceil(1.2 * needed.total() / MIB);
        }
        if (needed.total() > given.getAsInt() * MIB) {
            throw new IllegalArgumentException(String.format(Locale.ROOT,
                    "device-memory = %d MiB, but a device needs %.1f MiB with batch = %d: %s MiB; %s",
                    given.getAsInt(), needed.total() / MIB, needed.batch(), needed.figures(),
                    advice(plan, Need.of(experiment, plan), given.getAsInt())));
        }
        return given.getAsInt();
    }

    private static String advice(TrainingPlan plan, Need need, int heapMiB) {
        DevicePlan half = of(plan, need, plan.batch(), plan.local().sessions().withActivations(ActivationStorage.BFLOAT16));
        if (plan.local().sessions().activations() != ActivationStorage.BFLOAT16 && half.total() <= heapMiB * MIB) {
            return String.format(Locale.ROOT, "activations = bfloat16 would fit (%.1f MiB); results are slightly others then",
                    half.total() / MIB);
        }
        for (int batch = plan.batch() / 2 / Layout.LANES * Layout.LANES; batch >= Layout.LANES; batch -= Layout.LANES) {
            DevicePlan smaller = of(plan, need, batch, plan.local().sessions());
            if (smaller.total() <= heapMiB * MIB) {
                return String.format(Locale.ROOT, "batch = %d would fit (%.1f MiB); results are another experiment's then", batch,
                        smaller.total() / MIB);
            }
        }
        return "no batch would fit; use a smaller width or density, or more device-memory";
    }
}
