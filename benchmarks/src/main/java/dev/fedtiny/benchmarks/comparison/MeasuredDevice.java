package dev.fedtiny.benchmarks.comparison;

import dev.fedtiny.benchmarks.heap.HeapImages;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.experiment.DeviceFolder;
import dev.fedtiny.experiment.DevicePlan;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.federation.process.JavaCommand;
import dev.fedtiny.federation.process.ProcessFleet;
import dev.fedtiny.federation.process.Restarts;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.TrainingPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A candidate's federation of one device, which is a process of its own with a heap of what the plan needs and a fifth more. */
final class MeasuredDevice implements AutoCloseable {
    private static final double HEAP_RESERVE = 1.2;
    private static final Duration START_WITHIN = Duration.ofSeconds(120);

    private final Method method;
    private final ProcessFleet fleet;
    private final FederationContext context;
    private MethodState state;
    private int turns;

    MeasuredDevice(Candidate candidate, Path folder, Duration cap) throws IOException {
        Experiment experiment = candidate.alternating().experiment();
        Dataset images = HeapImages.random(candidate.images(), 1);
        TrainingPlan plan = experiment.plan(images);
        FederatedData data = new FederatedData(HeapImages.random(HeapImages.CLASSES, 2), List.of(images),
                HeapImages.random(HeapImages.CLASSES, 3));
        DeviceFolder device = new DeviceFolder(folder);
        device.write(experiment);
        device.write(0, images);
        method = experiment.method();
        JavaCommand java = new JavaCommand((int) Math.ceil(HEAP_RESERVE * DevicePlan.of(experiment, plan).total() / (1 << 20)), List.of());
        fleet = new ProcessFleet(new ProcessFleet.Rules(1, 1, cap, START_WITHIN, START_WITHIN, Restarts.NONE, Integer.MAX_VALUE),
                device.launcher(java));
        context = FederationContext.over(plan, fleet, data.publicSet(), data.test(), 1);
        state = method.init(context).state();
        turns = fleet.turns().size();
    }

    /** Does a round, of which the device's part is measured: from the first byte of the request to the last of the answer. */
    JsonObject round() {
        Method.RoundOutcome outcome = method.round(context, state);
        if (outcome.report().reporters().isEmpty()) {
            throw new IllegalStateException("the device of " + method.name() + " gave no answer: " + outcome.report().failures());
        }
        state = outcome.state();
        long nanos = fleet.turns().stream().skip(turns).mapToLong(turn -> turn.nanos()).sum();
        turns = fleet.turns().size();
        JsonObject.Builder round = JsonObject.builder().put("adjusting", !outcome.report().adjustments().isEmpty())
                .put("nanos", nanos).put("flops", outcome.report().maxDeviceFlops())
                .put("bytes", outcome.report().costs().traffic().bytesDown() + outcome.report().costs().traffic().bytesUp());
        fleet.figures().getFirst().peakResidentBytes().ifPresent(bytes -> round.put("residentBytes", bytes));
        return round.build();
    }

    @Override
    public void close() {
        context.close();
    }
}
