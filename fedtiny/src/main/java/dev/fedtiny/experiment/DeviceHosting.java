package dev.fedtiny.experiment;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.ImageFile;
import dev.fedtiny.federation.process.DeviceFigures;
import dev.fedtiny.federation.process.DeviceLauncher;
import dev.fedtiny.federation.process.JavaCommand;
import dev.fedtiny.federation.process.ProcessFleet;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.TrainingPlan;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * Where the devices of a run are: in this process, or each in one of its own. For the latter it writes what a device is given into a folder
 * {@code devices} of the run's directory: the settings, and an image file a device, which is removed again at the end; a log a device
 * stays.
 */
public final class DeviceHosting implements AutoCloseable {
    /** The settings every device process reads. */
    public static final String SETTINGS_FILE = "settings.properties";
    private static final Duration START = Duration.ofSeconds(60);
    private static final int STARTS = 4;
    /** What an answer may hold beyond the dense model: statistics of many candidates, growth pairs. */
    private static final int LEAST_PAYLOAD_BYTES = 64 << 20;

    private final FederationContext context;
    private final Optional<ProcessFleet> fleet;
    private final Optional<DeviceProfile> profile;
    private final List<Path> images;

    private DeviceHosting(FederationContext context, Optional<ProcessFleet> fleet, Optional<DeviceProfile> profile, List<Path> images) {
        this.context = context;
        this.fleet = fleet;
        this.profile = profile;
        this.images = images;
    }

    /**
     * The devices of an experiment, greeted.
     *
     * @param directory of the run
     * @param notes takes what a user should know: limits in force, and how a device is started by hand
     */
    public static DeviceHosting open(Experiment experiment, TrainingPlan plan, FederatedData data, Path directory, Consumer<String> notes)
            throws IOException {
        return switch (experiment.devicesIn()) {
            case THREADS -> new DeviceHosting(FederationContext.inProcess(plan, data, experiment.threads(), experiment.slots(),
                    experiment.metering()), Optional.empty(), Optional.empty(), List.of());
            case PROCESS -> inProcesses(experiment, plan, data, directory, notes);
        };
    }

    /**
     * Checks before anything is made that device processes can hold what they need.
     *
     * @throws IllegalArgumentException if they cannot, with the figures
     */
    public static void check(Experiment experiment, TrainingPlan plan) {
        if (experiment.devicesIn() == DevicesIn.PROCESS) {
            DevicePlan.heapMiB(experiment, plan);
        }
    }

    private static DeviceHosting inProcesses(Experiment experiment, TrainingPlan plan, FederatedData data, Path directory,
            Consumer<String> notes) throws IOException {
        Path folder = Files.createDirectories(directory.resolve("devices"));
        Files.writeString(folder.resolve(SETTINGS_FILE), experiment.print(), StandardCharsets.UTF_8);
        List<Path> images = new ArrayList<>();
        for (Dataset dataset : data.devices()) {
            images.add(images(folder, images.size()));
            // Of a server that was killed; its devices are gone or still hold their mapping.
            Files.deleteIfExists(images.getLast());
            ImageFile.write(dataset, images.getLast());
        }
        JavaCommand java = new JavaCommand(DevicePlan.heapMiB(experiment, plan), List.of());
        ProcessFleet fleet = new ProcessFleet(rules(experiment, plan), launcher(java, folder), experiment.metering());
        notes.accept("devices are processes: " + String.join(" ", java.flags()) + "; " + JavaCommand.processorLimit());
        notes.accept("by hand, while the device has no process: " + DeviceLauncher.TOKEN_VARIABLE + "=" + Long.toHexString(fleet.token())
                + " bin/fedtiny " + String.join(" ", words(folder, 0, fleet.address())));
        FederationContext context =
                FederationContext.over(plan, fleet, data.publicSet(), data.test(), experiment.threads());
        return new DeviceHosting(context, Optional.of(fleet), experiment.deviceProfile(), images);
    }

    private static ProcessFleet.Rules rules(Experiment experiment, TrainingPlan plan) {
        long dense = plan.network().parameters().stream().mapToLong(p -> 12L * p.size()).sum();
        return new ProcessFleet.Rules(experiment.devices(), experiment.slots(), experiment.deviceTimeout(), START, STARTS,
                (int) Math.min(Integer.MAX_VALUE, LEAST_PAYLOAD_BYTES + dense));
    }

    /**
     * Starts processes of this program's {@code device} command.
     *
     * @param folder which holds {@link #SETTINGS_FILE} and the {@link #images}, and takes the logs
     */
    public static DeviceLauncher launcher(JavaCommand java, Path folder) {
        return (device, lane, server, token) -> {
            ProcessBuilder builder = new ProcessBuilder(java.command(lane, words(folder, device, server)));
            builder.environment().put(DeviceLauncher.TOKEN_VARIABLE, Long.toHexString(token));
            Path log = folder.resolve("device-" + device + ".log");
            return builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile())).start();
        };
    }

    private static List<String> words(Path folder, int device, InetSocketAddress server) {
        return List.of("device", folder.resolve(SETTINGS_FILE).toString(), "--connect",
                server.getAddress().getHostAddress() + ":" + server.getPort(), "--device", Integer.toString(device), "--images",
                images(folder, device).toString());
    }

    /** The file of a device's images. */
    public static Path images(Path folder, int device) {
        return folder.resolve("device-" + device + ".images");
    }

    /** The federation; closed with this. */
    public FederationContext context() {
        return context;
    }

    /** What is known of the device processes; empty when there are none. */
    public List<DeviceFigures> figures() {
        return fleet.map(ProcessFleet::figures).orElse(List.of());
    }

    /**
     * Seconds that all exchanges would have taken on devices of the experiment's profile: simulated, by the rule of {@link DeviceProfile}.
     */
    public OptionalDouble simulatedSeconds() {
        return fleet.isPresent() && profile.isPresent() ? OptionalDouble.of(profile.get().seconds(fleet.get().turns()))
                : OptionalDouble.empty();
    }

    /** The largest of the figures, in words. */
    public String summary() {
        List<DeviceFigures> all = figures();
        String resident = all.stream().filter(f -> f.peakResidentBytes().isPresent())
                .max(Comparator.comparingLong(f -> f.peakResidentBytes().getAsLong()))
                .map(f -> String.format(Locale.ROOT, ", peak resident size %.1f MiB (device %d; pages of its mapped images and of the "
                        + "class archive included)", f.peakResidentBytes().getAsLong() / 1048576.0, f.device()))
                .orElse(", resident size unknown here");
        String simulated = simulatedSeconds().isPresent()
                ? String.format(Locale.ROOT, "; simulated: all exchanges take %.1f s on devices with %s", simulatedSeconds().getAsDouble(),
                        profile.get())
                : "";
        return String.format(Locale.ROOT, "device processes: heap limit %.1f MiB as Java counts it%s; %d processes for %d devices%s",
                all.getFirst().heapBytes() / 1048576.0, resident, all.stream().mapToInt(DeviceFigures::starts).sum(),
                all.size(), simulated);
    }

    /** Ends the devices and removes their images. */
    @Override
    public void close() throws IOException {
        context.close();
        for (Path file : images) {
            Files.deleteIfExists(file);
        }
    }
}
