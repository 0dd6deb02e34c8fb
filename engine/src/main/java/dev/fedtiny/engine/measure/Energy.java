package dev.fedtiny.engine.measure;

import dev.fedtiny.engine.internal.check.Given;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * Energy of processor packages from Linux' powercap interface: of the whole machine, not of this process. Many systems let only root read
 * it, virtual machines usually have none; then there is no figure.
 *
 * @param zones packages that could be read; empty where none could
 */
public record Energy(List<Zone> zones) {
    /** Where Linux has it. */
    public static final Path POWERCAP = Path.of("/sys/class/powercap");

    /**
     * A counter of one package.
     *
     * @param name for example {@code package-0}
     * @param microjoules since some moment; begins at 0 again beyond the range
     * @param range largest value of the counter
     */
    public record Zone(String name, long microjoules, long range) {
    }

    /** Keeps its own copy. */
    public Energy {
        Given.notNull(zones, "energy: zones", "one reading a package; none where there are no counters");
        zones = List.copyOf(zones);
    }

    /** {@return the counters now} */
    public static Energy read() {
        return read(POWERCAP);
    }

    /**
     * {@return the counters below a folder laid out like {@link #POWERCAP}}
     *
     * @param powercap with one folder {@code intel-rapl:N} a package, each with {@code energy_uj}
     */
    public static Energy read(Path powercap) {
        Given.notNull(powercap, "energy: powercap", "the folder of the counters, Energy.POWERCAP");
        List<Zone> zones = new ArrayList<>();
        // Packages are intel-rapl:N; intel-rapl:N:M are parts of them, and intel-rapl-mmio:N shows a package a second time.
        try (Stream<Path> entries = Files.list(powercap)) {
            for (Path zone : entries.filter(e -> e.getFileName().toString().matches("intel-rapl:\\d+")).sorted().toList()) {
                zones.add(new Zone(Files.readString(zone.resolve("name")).strip(), number(zone.resolve("energy_uj")),
                        number(zone.resolve("max_energy_range_uj"))));
            }
        } catch (IOException | RuntimeException e) {
            return new Energy(List.of());
        }
        return new Energy(zones);
    }

    private static long number(Path file) throws IOException {
        return Long.parseLong(Files.readString(file).strip());
    }

    /**
     * Joules of all packages since an earlier reading, which must be younger than one turn of the counters (minutes at the least).
     *
     * @param earlier the reading that the difference is taken to
     * @return nothing where either reading has no counters, or others than this one
     */
    public OptionalDouble joulesSince(Energy earlier) {
        Given.notNull(earlier, "energy: earlier", "an earlier reading");
        if (zones.isEmpty() || !zones.stream().map(Zone::name).toList().equals(earlier.zones.stream().map(Zone::name).toList())) {
            return OptionalDouble.empty();
        }
        double microjoules = 0;
        for (int i = 0; i < zones.size(); i++) {
            long difference = zones.get(i).microjoules - earlier.zones.get(i).microjoules;
            microjoules += difference >= 0 ? difference : difference + zones.get(i).range + 1;
        }
        return OptionalDouble.of(microjoules / 1e6);
    }
}
