package dev.fedtiny.experiment;

import dev.fedtiny.experiment.DeviceFolder.Role;
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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Devices in processes of this machine: in a pool, or each in one of its own. What they are given lies in a folder {@code devices} of the
 * run's directory, which nobody else may look into; images and secrets are removed again at the end.
 */
final class ProcessHosting implements Hosting {
    private static final double MIB = 1 << 20;
    private static final Duration READY = Duration.ofSeconds(60);
    /** All processes start at once: so much more time for each that a processor has to start. */
    private static final Duration START_EACH = Duration.ofSeconds(5);
    /** What an answer may hold beyond the dense model: statistics of many candidates, growth pairs. */
    private static final int LEAST_PAYLOAD_BYTES = 64 << 20;

    private final FederationContext context;
    private final ProcessFleet fleet;
    private final Optional<DeviceProfile> profile;
    private final List<Path> temporary;

    private ProcessHosting(FederationContext context, ProcessFleet fleet, Optional<DeviceProfile> profile, List<Path> temporary) {
        this.context = context;
        this.fleet = fleet;
        this.profile = profile;
        this.temporary = temporary;
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
    static ProcessHosting open(Experiment experiment, TrainingPlan plan, FederatedData data, Path directory, Consumer<String> notes)
            throws IOException {
        DeviceFolder folder = DeviceFolder.makePrivate(directory.resolve("devices"));
        folder.write(experiment);
        JavaCommand java = new JavaCommand(DevicePlan.heapMiB(experiment, plan), List.of());
        int processes = experiment.deviceProcesses();
        Role role = processes == data.devices().size() ? Role.DEVICE : Role.PROCESS;
        List<Path> temporary = new ArrayList<>();
        ProcessFleet.Rules rules = rules(experiment, plan, processes);
        DeviceLauncher launcher = folder.launcher(java, role);
        ProcessFleet fleet = role == Role.DEVICE ? new ProcessFleet(rules, launcher, experiment.get(Setting.METER))
                : ProcessFleet.pooled(rules, processes, launcher, experiment.get(Setting.METER));
        try {
            for (int device = 0; device < data.devices().size(); device++) {
                temporary.add(folder.images(device));
                folder.write(device, data.devices().get(device));
            }
            for (int process = 0; process < processes; process++) {
                Path token = folder.token(role, process);
                temporary.add(token);
                TokenFile.write(token, fleet.token(process));
            }
            notes.accept((role == Role.DEVICE ? "devices are processes: " : "devices share " + processes
                    + (processes == 1 ? " process: " : " processes: ")) + String.join(" ", java.flags()) + "; "
                    + JavaCommand.processorLimit());
            notes.accept("by hand, in place of a " + (role == Role.DEVICE ? "device's process: " : "process: ") + Program.command(
                    folder.command(role, 0, fleet.address(), folder.token(role, 0).toString()).toArray(String[]::new)));
            FederationContext context = FederationContext.over(plan, fleet, data, experiment.threads());
            return new ProcessHosting(context, fleet, experiment.get(Setting.DEVICE_PROFILE), temporary);
        } catch (IOException | RuntimeException | Error e) {
            fleet.close();
            for (Path file : temporary) {
                Files.deleteIfExists(file);
            }
            throw e;
        }
    }

    private static ProcessFleet.Rules rules(Experiment experiment, TrainingPlan plan, int processes) {
        long dense = plan.network().parameters().stream().mapToLong(p -> 12L * p.size()).sum();
        Duration start = READY.plus(START_EACH.multipliedBy(processes).dividedBy(Runtime.getRuntime().availableProcessors()));
        Duration answer = Duration.ofSeconds(experiment.get(Setting.DEVICE_TIMEOUT));
        return new ProcessFleet.Rules(experiment.get(Setting.DEVICES), experiment.slots(), answer, start, READY, Restarts.USUAL,
                (int) Math.min(Integer.MAX_VALUE, LEAST_PAYLOAD_BYTES + dense));
    }

    @Override
    public FederationContext context() {
        return context;
    }

    @Override
    public List<DeviceFigures> figures() {
        return fleet.figures();
    }

    @Override
    public List<PooledProcess> processes() {
        return fleet.processes();
    }

    /** By the rule of {@link DeviceProfile}; empty without a profile. */
    @Override
    public OptionalDouble simulatedSeconds() {
        return profile.map(device -> OptionalDouble.of(device.seconds(fleet.turns()))).orElse(OptionalDouble.empty());
    }

    /** The largest of the figures. */
    @Override
    public String summary() {
        String simulated = profile.map(device -> String.format(Locale.ROOT, "; simulated: all exchanges take %.1f s on devices with %s",
                device.seconds(fleet.turns()), device)).orElse("");
        return (processes().isEmpty() ? ofDevices(figures()) : ofPool(processes(), figures(), fleet.roster().size())) + simulated;
    }

    private static String ofDevices(List<DeviceFigures> all) {
        String resident = largest(all, DeviceFigures::peakResidentBytes, ", resident size unknown here", (bytes, device) -> String.format(
                Locale.ROOT, ", peak resident size %.1f MiB (device %d; pages of its mapped images and of the class archive included)",
                bytes / MIB, device.device()));
        return String.format(Locale.ROOT, "device processes: heap limit %.1f MiB as Java counts it%s; %d processes for %d devices",
                all.getFirst().heapBytes() / MIB, resident, all.stream().mapToInt(DeviceFigures::starts).sum(), all.size());
    }

    private static String ofPool(List<PooledProcess> pool, List<DeviceFigures> metered, int devices) {
        String resident = largest(pool, PooledProcess::peakResidentBytes, ", resident size unknown here", (bytes, process) -> String.format(
                Locale.ROOT, ", peak resident size %.1f MiB (process %d, over all devices that it worked for)", bytes / MIB,
                process.number()));
        String heap = largest(metered, DeviceFigures::peakHeapBytes, "", (bytes, device) -> String.format(Locale.ROOT,
                "; most heap used for one device %.1f MiB (device %d)", bytes / MIB, device.device()));
        return String.format(Locale.ROOT, "device processes: heap limit %.1f MiB as Java counts it%s%s; a pool of %d, started %d times, "
                + "for %d devices", pool.getFirst().heapBytes() / MIB, resident, heap, pool.size(),
                pool.stream().mapToInt(PooledProcess::starts).sum(), devices);
    }

    /** Says who has the largest of a figure, of those of whom it is known; something else where it is known of nobody. */
    private static <T> String largest(List<T> all, Function<T, OptionalLong> figure, String unknown, BiFunction<Long, T, String> words) {
        return all.stream().filter(one -> figure.apply(one).isPresent())
                .max(Comparator.comparingLong(one -> figure.apply(one).getAsLong()))
                .map(one -> words.apply(figure.apply(one).getAsLong(), one)).orElse(unknown);
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
