package dev.fedtiny.benchmarks.heap;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.engine.io.IoProblem;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.experiment.DeviceFolder;
import dev.fedtiny.experiment.DevicePlan;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.federation.process.JavaCommand;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.Methods;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The parts of a local round, done by one real device process: its images are three batches and a part of one; it takes an ordinary round
 * and, where the method adjusts, one adjusting round for every part of the network that its adjustments go through. Requests and answers
 * are whole frames of the method.
 */
public final class LocalRoundProbe {
    private static final int FULL_STEPS = 3;

    private final Experiment experiment;
    private final TrainingPlan plan;
    private final FederatedData data;
    private final Path folder;
    private final DeviceLine line;
    private final Duration cap;
    private final MethodState start;
    private long peakResidentBytes = -1;
    private String lastFailure = "";

    /**
     * A probe.
     *
     * @param experiment of one device, one local epoch, and adjustments in every round where the method has them
     * @param line how the device speaks to its server
     * @param folder empty, for files of the device
     * @param cap wall time a device has for one round
     */
    public LocalRoundProbe(Experiment experiment, DeviceLine line, Path folder, Duration cap) throws IOException {
        this.experiment = experiment;
        this.line = line;
        this.folder = folder;
        this.cap = cap;
        int batch = experiment.get(Setting.BATCH);
        Dataset images = HeapImages.random(FULL_STEPS * batch + Math.max(1, batch / 2), 1);
        this.data = new FederatedData(HeapImages.random(HeapImages.CLASSES, 2), List.of(images),
                HeapImages.random(HeapImages.CLASSES, 3));
        this.plan = experiment.plan(images);
        DeviceFolder device = new DeviceFolder(folder);
        device.write(experiment);
        device.write(0, images);
        try (FederationContext context = FederationContext.inProcess(plan, data, 1, 1)) {
            this.start = experiment.method().init(context).state();
        }
    }

    /** The network trained. */
    public Network network() {
        return plan.network();
    }

    /** The heap that planning says the device needs, bytes. */
    public long plannedBytes() {
        return DevicePlan.of(experiment, plan).total();
    }

    /**
     * Tells the device's work apart. Methods that train under a mask that stays ask the same of a device whose mask keeps as many weights
     * of every layer.
     */
    public String work() {
        Method method = experiment.method();
        boolean stays = method.name().equals(Methods.BASELINE) || method.costClass() == CostClass.STATIC;
        int active = start.model().masks().stream().map(Mask::count).toList().hashCode();
        Map<SettingSpec<?>, String> same = new LinkedHashMap<>();
        if (stays) {
            same.putAll(Map.of(Setting.METHOD, Methods.BASELINE, Setting.DENSITY, "1"));
        }
        return (stays ? "static " : method.name() + " ") + Integer.toHexString(active) + " "
                + Integer.toHexString(experiment.with(same).print().hashCode());
    }

    /** Whether the device does its part in a heap of this size. */
    public boolean completes(int heapMiB) {
        JavaCommand java = new JavaCommand(heapMiB, List.of());
        try (DeviceLine.Open device = line.open(java, plan, folder, cap)) {
            if (device.fleet().roster().isEmpty()) {
                lastFailure = "the device could not start";
                return false;
            }
            FederationContext context = FederationContext.over(plan, device.fleet(), data.publicSet(), data.test(), 1);
            boolean completes = rounds(context);
            OptionalLong resident = device.peakResidentBytes();
            if (completes && resident.isPresent()) {
                peakResidentBytes = resident.getAsLong();
            }
            return completes;
        } catch (IOException e) {
            throw new UncheckedIOException(new IOException("min-heap: no device process can be started: " + IoProblem.describe("", e), e));
        }
    }

    private boolean rounds(FederationContext context) {
        Method method = experiment.method();
        MethodState state = start;
        int parts = method.schedule().map(schedule -> schedule.turns(network())).orElse(1);
        for (int round = 0; round <= parts; round++) {
            Method.RoundOutcome outcome = method.round(context, state);
            if (outcome.report().reporters().isEmpty()) {
                lastFailure = outcome.report().failures().toString();
                return false;
            }
            state = outcome.state();
        }
        return true;
    }

    /** Peak resident size of the device process of the last trial that completed; empty where the system does not say. */
    public OptionalLong peakResidentBytes() {
        return peakResidentBytes < 0 ? OptionalLong.empty() : OptionalLong.of(peakResidentBytes);
    }

    /** What the last trial that did not complete said. */
    public String lastFailure() {
        return lastFailure;
    }
}
