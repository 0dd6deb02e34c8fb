package dev.fedtiny.experiment;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.data.BatchLoader;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.session.MemoryEstimate;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.TrainingPlan;
import java.util.Locale;
import java.util.function.IntToLongFunction;

/** Says before a run is begun that its batches cannot fit the heap of this process. */
final class RunMemory {
    private static final double MIB = 1 << 20;

    private RunMemory() {
    }

    /**
     * Checks what the server trains on the public images, and what devices that are simulated here hold at the same time.
     *
     * @throws IllegalArgumentException if it cannot fit, naming the setting, the figures and what would fit
     */
    static void check(Experiment experiment, TrainingPlan plan, FederatedData data) {
        Network network = plan.network();
        checkHeldUpdates(experiment, plan, data.devices().size());
        checkMemory(experiment, plan, data.devices().size());
        DevicePlan.checkClasses(experiment, plan);
        int[] all = network.parameters().stream().mapToInt(p -> p.size()).toArray();
        if (plan.pretraining().epochs() > 0) {
            SessionOptions sessions = BatchLoader.options(plan.serverSessions(), data.publicSet(), plan.pretraining().augmentation());
            HeapFit.check(Setting.PRETRAIN_BATCH.key(), Math.min(plan.pretraining().batch(), data.publicSet().count()),
                    batch -> MemoryEstimate.of(network, all, Mode.TRAINING, batch, experiment.threads(), sessions).total()
                            + plan.local().optimizer().stateBytes(network, all));
        }
        if (experiment.get(Setting.DEVICES_ON).inThisProcess()) {
            IntToLongFunction device = batch -> DevicePlan.of(experiment, plan, batch).total() - DevicePlan.JAVA_BYTES;
            HeapFit.check(Setting.BATCH.key(), plan.batch(), device);
            long limit = Runtime.getRuntime().maxMemory();
            long one = device.applyAsLong(plan.batch());
            if (experiment.slots() > limit / Math.max(1, one)) {
                throw new IllegalArgumentException(String.format(Locale.ROOT, "%d devices work at the same time and need %.1f MiB each "
                        + "with batch = %d, the heap may hold %.0f MiB; set slots = %d or a smaller batch, or give Java a larger heap: "
                        + HeapFit.LARGER, experiment.slots(), one / MIB, plan.batch(), limit / MIB,
                        Math.max(1, (int) (HeapFit.SURE_SHARE * limit / one))));
            }
        }
    }

    /** What the method remembers of devices: of those that can have taken part by the last round. */
    private static void checkMemory(Experiment experiment, TrainingPlan plan, int devices) {
        int asked = Math.min(devices, plan.schedule().participants());
        int heard = (int) Math.min(devices, (long) asked * plan.rounds());
        long bytes = experiment.method().longestMemory(plan.network(), heard);
        long limit = Runtime.getRuntime().maxMemory();
        if (bytes > limit) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, "%s remembers something of every device that took part: of %d "
                    + "devices up to %.0f MiB, in memory and in every checkpoint, and the heap may hold %.0f MiB; let fewer take part "
                    + "(%s, %s, %s), choose a smaller network, or give Java a larger heap: " + HeapFit.LARGER,
                    experiment.method().name(), heard, bytes / MIB, limit / MIB, Setting.DEVICES.key(), Setting.SAMPLE.key(),
                    Setting.ROUNDS.key()));
        }
    }

    /** What the server holds of a round's updates, at the density that the method promises. */
    private static void checkHeldUpdates(Experiment experiment, TrainingPlan plan, int devices) {
        Aggregation rule = plan.robustness().aggregation();
        double density = experiment.method().costClass() == CostClass.DENSE ? 1 : experiment.method().promise().density();
        long values = plan.network().parameters().stream()
                .mapToLong(parameter -> parameter.prunable() ? (long) Math.ceil(density * parameter.size()) : parameter.size()).sum();
        int asked = Math.min(devices, plan.schedule().participants());
        long held = rule.heldBytes(values, asked);
        long limit = Runtime.getRuntime().maxMemory();
        if (rule instanceof Aggregation.CoordinateWise && held > limit) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, "%s = %s: the server holds the updates of %d devices, %.0f MiB, "
                    + "and the heap may hold %.0f MiB; set mean or clipped-mean, which hold %.0f MiB for any number of devices, ask fewer "
                    + "(%s), or give Java a larger heap: " + HeapFit.LARGER, Setting.AGGREGATION.key(),
                    experiment.text(Setting.AGGREGATION), asked, held / MIB, limit / MIB, 16 * values / MIB, Setting.SAMPLE.key()));
        }
    }
}
