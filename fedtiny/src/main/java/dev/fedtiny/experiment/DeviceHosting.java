package dev.fedtiny.experiment;

import dev.fedtiny.data.ImageFile;
import dev.fedtiny.engine.io.AtomicFile;
import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.federation.process.BoundedLog;
import dev.fedtiny.federation.process.DeviceFigures;
import dev.fedtiny.federation.process.DeviceLauncher;
import dev.fedtiny.federation.process.JavaCommand;
import dev.fedtiny.federation.process.PooledProcess;
import dev.fedtiny.federation.process.ProcessFleet;
import dev.fedtiny.federation.process.Restarts;
import dev.fedtiny.federation.process.TokenFile;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.protocol.DeviceToken;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * Where the devices of a run are: in this process, in a pool of processes, or each in one of its own. For processes it writes what they are
 * given into a folder {@code devices} of the run's directory, which nobody else may look into: the settings, an image file a device and a
 * secret a process, which are removed again at the end; a log a process stays.
 */
public final class DeviceHosting implements Hosting {
    /** The settings every device process reads. */
    public static final String SETTINGS_FILE = "settings.properties";
    private static final String TOKEN = ".token";
    private static final double MIB = 1 << 20;
    private static final Duration READY = Duration.ofSeconds(60);
    /** All processes start at once: so much more time for each that a processor has to start. */
    private static final Duration START_EACH = Duration.ofSeconds(5);
    /** Logs of a device, the one before included. */
    private static final long LOG_BYTES = 1 << 20;
    /** What an answer may hold beyond the dense model: statistics of many candidates, growth pairs. */
    private static final int LEAST_PAYLOAD_BYTES = 64 << 20;

    /** What a process is: one device, or one of a pool. */
    private enum Role {
        DEVICE, PROCESS;

        /** The option of the command {@code device}, and the beginning of the names of its files. */
        private String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        private Path file(Path folder, int number, String ending) {
            return folder.resolve(word() + "-" + number + ending);
        }
    }

    private final FederationContext context;
    private final Optional<ProcessFleet> fleet;
    private final Optional<DeviceProfile> profile;
    private final List<Path> temporary;

    private DeviceHosting(FederationContext context, Optional<ProcessFleet> fleet, Optional<DeviceProfile> profile, List<Path> temporary) {
        this.context = context;
        this.fleet = fleet;
        this.profile = profile;
        this.temporary = temporary;
    }

    /**
     * Devices in threads of this process, greeted.
     *
     * @param notes takes what devices could not do where secure aggregation keeps it from the server
     */
    static DeviceHosting inThreads(Experiment experiment, TrainingPlan plan, FederatedData data, Consumer<String> notes) {
        return new DeviceHosting(FederationContext.inProcess(plan, data, experiment.threads(), experiment.slots(),
                experiment.get(Setting.METER), notes), Optional.empty(), Optional.empty(), List.of());
    }

    /**
     * Checks before anything is made that device processes can hold what they need.
     *
     * @param experiment its settings
     * @param plan what all methods have in common
     * @throws IllegalArgumentException if they cannot, with the figures
     */
    static void check(Experiment experiment, TrainingPlan plan) {
        int heapMiB = DevicePlan.heapMiB(experiment, plan);
        long machineMiB = Machine.physicalMemoryBytes() >> 20;
        if (heapMiB > machineMiB) {
            throw new IllegalArgumentException(Setting.DEVICE_MEMORY.key() + " = " + experiment.text(Setting.DEVICE_MEMORY)
                    + ": a device process would have a heap of " + heapMiB + " MiB, this machine has " + machineMiB
                    + " MiB; give less, or use a smaller batch or width");
        }
    }

    /**
     * Devices in processes, greeted: in a pool, or where that has as many as there are devices, each in one of its own.
     *
     * @param notes takes what a user should know: limits in force, and how a process is started by hand
     * @throws IOException if the folder cannot be made, or a process not be started
     */
    static DeviceHosting inProcesses(Experiment experiment, TrainingPlan plan, FederatedData data, Path directory,
            Consumer<String> notes) throws IOException {
        Path folder = privateFolder(directory.resolve("devices"));
        AtomicFile.write(folder.resolve(SETTINGS_FILE), experiment.print());
        JavaCommand java = new JavaCommand(DevicePlan.heapMiB(experiment, plan), List.of());
        int processes = experiment.deviceProcesses();
        Role role = processes == data.devices().size() ? Role.DEVICE : Role.PROCESS;
        List<Path> temporary = new ArrayList<>();
        ProcessFleet.Rules rules = rules(experiment, plan, processes);
        DeviceLauncher launcher = launcher(java, folder, role);
        ProcessFleet fleet = role == Role.DEVICE ? new ProcessFleet(rules, launcher, experiment.get(Setting.METER))
                : ProcessFleet.pooled(rules, processes, launcher, experiment.get(Setting.METER));
        try {
            for (int device = 0; device < data.devices().size(); device++) {
                Path images = images(folder, device);
                temporary.add(images);
                // Of a server that was killed; its devices are gone or still hold their mapping.
                Files.deleteIfExists(images);
                ImageFile.write(data.devices().get(device), images);
            }
            for (int process = 0; process < processes; process++) {
                Path token = role.file(folder, process, TOKEN);
                temporary.add(token);
                TokenFile.write(token, fleet.token(process));
            }
            notes.accept((role == Role.DEVICE ? "devices are processes: " : "devices share " + processes
                    + (processes == 1 ? " process: " : " processes: ")) + String.join(" ", java.flags()) + "; "
                    + JavaCommand.processorLimit());
            notes.accept("by hand, in place of a " + (role == Role.DEVICE ? "device's process: " : "process: ") + Program.command(
                    words(folder, role, 0, fleet.address(), role.file(folder, 0, TOKEN).toString()).toArray(String[]::new)));
            FederationContext context = FederationContext.over(plan, fleet, data, experiment.threads());
            return new DeviceHosting(context, Optional.of(fleet), experiment.get(Setting.DEVICE_PROFILE), temporary);
        } catch (IOException | RuntimeException | Error e) {
            fleet.close();
            for (Path file : temporary) {
                Files.deleteIfExists(file);
            }
            throw e;
        }
    }

    /** A folder for secrets and private images: nobody else may look into it. */
    private static Path privateFolder(Path folder) throws IOException {
        PrivateFolder.createInside(folder);
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
        return folder;
    }

    private static ProcessFleet.Rules rules(Experiment experiment, TrainingPlan plan, int processes) {
        long dense = plan.network().parameters().stream().mapToLong(p -> 12L * p.size()).sum();
        Duration start = READY.plus(START_EACH.multipliedBy(processes).dividedBy(Runtime.getRuntime().availableProcessors()));
        Duration answer = Duration.ofSeconds(experiment.get(Setting.DEVICE_TIMEOUT));
        return new ProcessFleet.Rules(experiment.get(Setting.DEVICES), experiment.slots(), answer, start, READY, Restarts.USUAL,
                (int) Math.min(Integer.MAX_VALUE, LEAST_PAYLOAD_BYTES + dense));
    }

    /**
     * Starts processes of this program's {@code device} command.
     *
     * @param folder which holds {@link #SETTINGS_FILE} and the {@link #images}, and takes the logs
     * @param java the command that starts this program's Java
     * @return starts one process a device
     */
    public static DeviceLauncher launcher(JavaCommand java, Path folder) {
        return launcher(java, folder, Role.DEVICE);
    }

    private static DeviceLauncher launcher(JavaCommand java, Path folder, Role role) {
        return new DeviceLauncher() {
            @Override
            public Process start(int number, int lane, InetSocketAddress server, DeviceToken token) throws IOException {
                Process process = new ProcessBuilder(java.command(lane, words(folder, role, number, server, "-"))).redirectErrorStream(true)
                        .start();
                TokenFile.give(process, token);
                return process;
            }

            @Override
            public OutputStream log(int number) throws IOException {
                return new BoundedLog(role.file(folder, number, ".log"), LOG_BYTES);
            }
        };
    }

    private static List<String> words(Path folder, Role role, int number, InetSocketAddress server, String token) {
        return List.of("device", folder.resolve(SETTINGS_FILE).toString(), "--connect",
                server.getAddress().getHostAddress() + ":" + server.getPort(), "--" + role.word(), Integer.toString(number), "--images",
                (role == Role.DEVICE ? images(folder, number) : folder).toString(), "--token-file", token);
    }

    /**
     * The file of a device's images.
     *
     * @param folder the one given to {@link #launcher}
     * @param device from 0
     * @return its path
     */
    public static Path images(Path folder, int device) {
        return Role.DEVICE.file(folder, device, ".images");
    }

    /** {@return the federation; closed with this} */
    @Override
    public FederationContext context() {
        return context;
    }

    @Override
    public List<DeviceFigures> figures() {
        return fleet.map(ProcessFleet::figures).orElse(List.of());
    }

    @Override
    public List<PooledProcess> processes() {
        return fleet.map(ProcessFleet::processes).orElse(List.of());
    }

    /**
     * Seconds that all exchanges would have taken on devices of the experiment's profile: simulated, by the rule of {@link DeviceProfile}.
     *
     * @return seconds; empty without a profile or without processes
     */
    @Override
    public OptionalDouble simulatedSeconds() {
        return fleet.isPresent() && profile.isPresent() ? OptionalDouble.of(profile.get().seconds(fleet.get().turns()))
                : OptionalDouble.empty();
    }

    /** {@return the largest of the figures, in words; empty where there are no processes} */
    @Override
    public String summary() {
        if (fleet.isEmpty()) {
            return "";
        }
        String simulated = simulatedSeconds().isPresent()
                ? String.format(Locale.ROOT, "; simulated: all exchanges take %.1f s on devices with %s", simulatedSeconds().getAsDouble(),
                        profile.get())
                : "";
        return (processes().isEmpty() ? ofDevices(figures()) : ofPool(processes(), figures(), fleet.get().roster().size())) + simulated;
    }

    private static String ofDevices(List<DeviceFigures> all) {
        String resident = all.stream().filter(f -> f.peakResidentBytes().isPresent())
                .max(Comparator.comparingLong(f -> f.peakResidentBytes().getAsLong()))
                .map(f -> String.format(Locale.ROOT, ", peak resident size %.1f MiB (device %d; pages of its mapped images and of the "
                        + "class archive included)", f.peakResidentBytes().getAsLong() / MIB, f.device()))
                .orElse(", resident size unknown here");
        return String.format(Locale.ROOT, "device processes: heap limit %.1f MiB as Java counts it%s; %d processes for %d devices",
                all.getFirst().heapBytes() / MIB, resident, all.stream().mapToInt(DeviceFigures::starts).sum(), all.size());
    }

    private static String ofPool(List<PooledProcess> pool, List<DeviceFigures> metered, int devices) {
        String resident = pool.stream().filter(p -> p.peakResidentBytes().isPresent())
                .max(Comparator.comparingLong(p -> p.peakResidentBytes().getAsLong()))
                .map(p -> String.format(Locale.ROOT, ", peak resident size %.1f MiB (process %d, over all devices that it worked for)",
                        p.peakResidentBytes().getAsLong() / MIB, p.number()))
                .orElse(", resident size unknown here");
        String heap = metered.stream().filter(f -> f.peakHeapBytes().isPresent())
                .max(Comparator.comparingLong(f -> f.peakHeapBytes().getAsLong()))
                .map(f -> String.format(Locale.ROOT, "; most heap used for one device %.1f MiB (device %d)",
                        f.peakHeapBytes().getAsLong() / MIB, f.device()))
                .orElse("");
        return String.format(Locale.ROOT, "device processes: heap limit %.1f MiB as Java counts it%s%s; a pool of %d, started %d times, "
                + "for %d devices", pool.getFirst().heapBytes() / MIB, resident, heap, pool.size(),
                pool.stream().mapToInt(PooledProcess::starts).sum(), devices);
    }

    /** Ends the devices and removes their images and tokens. */
    @Override
    public void close() throws IOException {
        context.close();
        for (Path file : temporary) {
            Files.deleteIfExists(file);
        }
    }
}
