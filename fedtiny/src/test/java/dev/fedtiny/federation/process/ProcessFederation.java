package dev.fedtiny.federation.process;

import dev.fedtiny.data.ImageFile;
import dev.fedtiny.device.Device;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.InProcessFleet;
import dev.fedtiny.method.AdjustmentSettings;
import dev.fedtiny.method.FedTiny;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.protocol.DeviceToken;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A small experiment and what its device processes need, in a folder. */
final class ProcessFederation {
    static final int DEVICES = 3;

    final Path folder;
    final Experiment experiment;
    final TrainingPlan plan;
    final FederatedData data;

    ProcessFederation(Path folder) throws IOException {
        this(folder, Metering.OFF);
    }

    ProcessFederation(Path folder, Metering metering) throws IOException {
        this.folder = folder;
        Map<SettingSpec<?>, String> settings = new LinkedHashMap<>();
        settings.putAll(Map.of(Setting.MODEL, "cnn-8-8-8", Setting.MAX_IMAGES, "110", Setting.MAX_TEST_IMAGES, "50", Setting.DEVICES,
                Integer.toString(DEVICES), Setting.DENSITY, "0.2", Setting.BATCH, "16", Setting.PRETRAIN_EPOCHS, "1"));
        settings.putAll(Map.of(Setting.PUBLIC_PER_CLASS, "1", FedTiny.POOL, "2", Setting.ROUNDS, "9",
                AdjustmentSettings.EVERY, "2",
                AdjustmentSettings.UNTIL, "9", Setting.PARTITION, "iid", Setting.THREADS, "2"));
        settings.put(Setting.METER, metering.name().toLowerCase(Locale.ROOT));
        experiment = Experiment.of(settings);
        var images = experiment.open();
        plan = experiment.plan(images.train());
        data = experiment.data(images);
        Files.writeString(folder.resolve("settings"), experiment.print());
        for (int k = 0; k < DEVICES; k++) {
            ImageFile.write(data.devices().get(k), images(k));
        }
    }

    Path images(int device) {
        return folder.resolve("device-" + device + ".images");
    }

    /** The command line of a proper device. */
    Process start(int device, int lane, int heapMiB, InetSocketAddress server, DeviceToken token) throws IOException {
        return start(device, lane, heapMiB, server, token, List.of());
    }

    /** The same with further flags of the virtual machine. */
    Process start(int device, int lane, int heapMiB, InetSocketAddress server, DeviceToken token, List<String> flags) throws IOException {
        List<String> all = new ArrayList<>(List.of("-XX:TieredStopAtLevel=1"));
        all.addAll(flags);
        return start(device, new JavaCommand(heapMiB, all).command(lane, List.of("device", folder.resolve("settings").toString(),
                "--connect", "127.0.0.1:" + server.getPort(), "--device", Integer.toString(device), "--images", images(device).toString(),
                "--token-file", "-")), token);
    }

    /** The command line of a process of a pool. */
    Process startPooled(int process, int lane, int heapMiB, InetSocketAddress server, DeviceToken token) throws IOException {
        return start(process, new JavaCommand(heapMiB, List.of("-XX:TieredStopAtLevel=1")).command(lane, List.of("device",
                folder.resolve("settings").toString(), "--connect", "127.0.0.1:" + server.getPort(), "--process",
                Integer.toString(process), "--images", folder.toString(), "--token-file", "-")), token);
    }

    /** The same with another program in place of the device's. */
    Process misbehaving(int device, int lane, Misdeed misdeed, Path marker, InetSocketAddress server, DeviceToken token)
            throws IOException {
        List<String> command = new ArrayList<>(new JavaCommand(64, List.of("-XX:TieredStopAtLevel=1")).command(lane, List.of()));
        command.set(command.size() - 1, MisbehavingDevice.class.getName());
        command.addAll(List.of(misdeed.name(), folder.resolve("settings").toString(), Integer.toString(server.getPort()),
                Integer.toString(device), images(Math.max(0, device)).toString(), marker.toString()));
        return start(device, command, token);
    }

    private Process start(int device, List<String> command, DeviceToken token) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("device-" + device + ".log").toFile()));
        Process process = builder.start();
        TokenFile.give(process, token);
        return process;
    }

    ProcessFleet.Rules rules(int answerSeconds) {
        return new ProcessFleet.Rules(DEVICES, 2, Duration.ofSeconds(answerSeconds), Duration.ofMinutes(10), Duration.ofMinutes(10),
                new Restarts(20, 1), 1 << 20);
    }

    Fleet inProcess() {
        List<Device> devices = new ArrayList<>();
        for (int k = 0; k < DEVICES; k++) {
            devices.add(new Device(k, plan.network(), data.devices().get(k), plan.deviceSettings()));
        }
        return new InProcessFleet(devices, 1, Workers.of(1), experiment.get(Setting.METER));
    }

    FederationContext over(Fleet fleet) {
        return FederationContext.over(plan, fleet, data.publicSet(), data.test(), 1);
    }
}
