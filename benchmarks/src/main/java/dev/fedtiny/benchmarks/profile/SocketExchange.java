package dev.fedtiny.benchmarks.profile;

import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.engine.measure.OperatorCost;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.experiment.DeviceFolder;
import dev.fedtiny.experiment.DevicePlan;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.federation.process.DeviceLauncher;
import dev.fedtiny.federation.process.JavaCommand;
import dev.fedtiny.federation.process.ProcessFleet;
import dev.fedtiny.federation.process.Restarts;
import dev.fedtiny.method.AdjustmentSettings;
import dev.fedtiny.method.FedTiny;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.Join;
import dev.fedtiny.protocol.Measured;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.Traffic;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * A short federation of two real device processes whose connections go through a {@link SocketRelay}: stage one, an ordinary round and two
 * that adjust, so that messages of most kinds travel, some longer than any window or buffer on the way. What the ledger of messages, the
 * meters and the fleet say is compared with the raw bytes that passed.
 */
final class SocketExchange {
    private static final int DEVICES = 2;
    private static final int ROUNDS = 3;
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final String SERVER = "server ";
    private static final String RELAY = "raw bytes through a relay between the sockets";

    private SocketExchange() {
    }

    /**
     * Runs the exchange.
     *
     * @throws IllegalStateException if a device process fails in it
     */
    static List<Agreement> compare() throws IOException {
        Path folder = PrivateFolder.temporary("fedtiny-exchange");
        try {
            return compare(experiment(), folder);
        } finally {
            PrivateFolder.remove(folder);
        }
    }

    private static Experiment experiment() {
        Map<SettingSpec<?>, String> settings = new LinkedHashMap<>();
        settings.putAll(Map.of(Setting.METHOD, "fedtiny", Setting.MODEL, "resnet18", Setting.WIDTH, "16", Setting.DENSITY, "0.1",
                FedTiny.POOL, "2", Setting.BATCH, "8", Setting.MAX_IMAGES, "34", Setting.MAX_TEST_IMAGES, "1",
                        Setting.PARTITION, "iid"));
        settings.putAll(Map.of(Setting.DEVICES, Integer.toString(DEVICES), Setting.PUBLIC_PER_CLASS, "1", Setting.PRETRAIN_EPOCHS, "0",
                Setting.ROUNDS, "9", AdjustmentSettings.EVERY, "1", AdjustmentSettings.UNTIL, "9",
                        Setting.LEARNING_RATE, "0.001",
                Setting.LEARNING_RATE_LAST, "0.001", Setting.METER, "on"));
        return Experiment.of(settings);
    }

    private static List<Agreement> compare(Experiment experiment, Path folder) throws IOException {
        var images = experiment.open();
        TrainingPlan plan = experiment.plan(images.train());
        FederatedData data = experiment.data(images);
        DeviceFolder devices = new DeviceFolder(folder);
        devices.write(experiment);
        for (int k = 0; k < DEVICES; k++) {
            devices.write(k, data.devices().get(k));
        }
        DeviceLauncher launcher = devices.launcher(new JavaCommand(DevicePlan.heapMiB(experiment, plan), List.of()));
        ProcessFleet.Rules rules = new ProcessFleet.Rules(DEVICES, 1, PATIENCE, PATIENCE, PATIENCE, Restarts.NONE, Integer.MAX_VALUE);
        SocketRelay[] relay = new SocketRelay[1];
        try (ProcessFleet fleet = new ProcessFleet(rules,
                (device, lane, _, token) -> launcher.start(device, lane, relay[0].address(), token), experiment.get(Setting.METER));
                SocketRelay between = new SocketRelay(fleet.address())) {
            relay[0] = between;
            try (FederationContext context = FederationContext.over(plan, fleet, data.publicSet(), data.test(), 1)) {
                rounds(experiment.method(), context);
                return compare(fleet, between, context);
            }
        }
    }

    private static void rounds(Method method, FederationContext context) {
        MethodState state = method.init(context).state();
        for (int round = 0; round < ROUNDS; round++) {
            Method.RoundOutcome outcome = method.round(context, state);
            if (outcome.report().reporters().size() < DEVICES) {
                throw new IllegalStateException("profile: a device process failed while bytes were compared: "
                        + outcome.report().failures());
            }
            state = outcome.state();
        }
    }

    private static List<Agreement> compare(ProcessFleet fleet, SocketRelay relay, FederationContext context) {
        Traffic traffic = context.traffic();
        long down = sum(relay.fromServer(), FrameWalk::bytes);
        long up = sum(relay.toServer(), FrameWalk::bytes);
        Measured measured = context.takeMeasured();
        // Frames of no report: an introduction and its answer, a question for measurements and its answer, of each device.
        long frames = Arrays.stream(MessageKind.values()).mapToLong(traffic::frames).sum() + 4 * DEVICES;
        long joins = DEVICES * Join.FRAME_BYTES;
        long accepted = DEVICES * Join.ACCEPTED_BYTES;
        long all = sum(relay.fromServer(), FrameWalk::bytes) + sum(relay.toServer(), FrameWalk::bytes);
        long payload = sum(relay.fromServer(), FrameWalk::payloadBytes) + sum(relay.toServer(), FrameWalk::payloadBytes);
        return List.of(exact("requests and " + DEVICES + " answers of " + Join.ACCEPTED_BYTES + " to introductions, bytes (reports)",
                        traffic.bytesDown() + accepted, RELAY, down),
                exact("the same (devices' meters)", metered(measured, PassKind.DECODE, "") + accepted, RELAY, down),
                exact("the same (the server's meter)", metered(measured, PassKind.ENCODE, SERVER) + accepted, RELAY, down),
                exact("answers and " + DEVICES + " introductions of " + Join.FRAME_BYTES + ", bytes (reports)",
                        traffic.bytesUp() + joins, RELAY, up),
                exact("the same (devices' meters)", metered(measured, PassKind.ENCODE, "") + joins, RELAY, up),
                exact("the same (the server's meter)", metered(measured, PassKind.DECODE, SERVER) + joins, RELAY, up),
                exact("bytes of all connections, measurements included", fleet.carriedBytes(), RELAY, all),
                exact("framing in them, " + Frame.OVERHEAD_BYTES + " bytes a frame", Frame.OVERHEAD_BYTES * frames,
                        "the same bytes, less announced payloads", all - payload));
    }

    private static Agreement exact(String figure, long measured, String observer, long observed) {
        return new Agreement(figure, measured, observer, observed, 1, 1);
    }

    private static long sum(List<FrameWalk> walks, ToLongFunction<FrameWalk> figure) {
        return walks.stream().mapToLong(figure).sum();
    }

    /** Bytes of the messages that were read or made: by devices, or by those whose operators have the prefix. */
    private static long metered(Measured measured, PassKind pass, String prefix) {
        List<String> kinds = Arrays.stream(MessageKind.values()).map(kind -> prefix + kind.name().toLowerCase(Locale.ROOT)).toList();
        return measured.reading().operators().stream().filter(o -> o.pass() == pass && kinds.contains(o.operator()))
                .mapToLong(OperatorCost::trafficBytes).sum();
    }
}
