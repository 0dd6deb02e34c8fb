package dev.fedtiny.engine.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fedtiny.engine.runtime.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Figures of the process, beside what others say of it. */
@Isolated("what other tests hold changes between two looks at the process")
class OutsideObserversTest {
    private static final Path STATUS = Path.of("/proc/self/status");

    @Test
    void residentMemoryIsTheKernels() throws IOException {
        assumeTrue(Files.isReadable(STATUS), "no Linux");
        byte[] touched = new byte[32 << 20];
        for (int i = 0; i < touched.length; i += 1024) {
            touched[i] = 1;
        }
        ProcessFigures figures = ProcessFigures.now();
        // /proc/self/statm counts pages of the same memory in a file of its own.
        long pages = Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]);
        double share = 4096.0 * pages / figures.residentBytes().orElseThrow();
        assertTrue(share > 0.8 && share < 1.25, "statm is " + share + " of VmRSS");
        assertTrue(figures.peakResidentBytes().orElseThrow() >= touched.length);
        assertTrue(figures.peakResidentBytes().orElseThrow() >= figures.residentBytes().orElseThrow() * 0.95);
        assertEquals(1, touched[0]);
    }

    @Test
    void figuresOfTheJvmAreThere() {
        ProcessFigures figures = ProcessFigures.collected();
        assertTrue(figures.collections() > 0);
        assertTrue(figures.heapAfterCollectionBytes().orElseThrow() > 0);
        assertTrue(figures.heapBytes() <= figures.maximumHeapBytes());
        assertTrue(figures.threads() >= 1);
        assertTrue(ProcessFigures.now().allocatedBytes().orElseThrow() >= figures.allocatedBytes().orElseThrow());
    }

    @Test
    void aMissingOrOddStatusFileHasNoFigures(@TempDir Path folder) throws IOException {
        assertEquals(OptionalLong.empty(), ProcessFigures.status(folder.resolve("none"), "VmHWM"));
        Path odd = Files.writeString(folder.resolve("odd"), "VmHWM: lots\nVmRSS:\t 12 kB\n");
        assertEquals(OptionalLong.empty(), ProcessFigures.status(odd, "VmHWM"));
        assertEquals(OptionalLong.of(12 * 1024), ProcessFigures.status(odd, "VmRSS"));
    }

    @Test
    void processorTimeOfStepsIsWithinTheSystems() {
        Meter meter = new Meter(Workers.of(1));
        long before = ProcessFigures.now().cpuNanos().orElseThrow();
        meter.beginStep();
        long end = System.nanoTime() + 60_000_000;
        double sum = 0;
        while (System.nanoTime() < end) {
            sum += Math.sqrt(sum + 1);
        }
        meter.endStep(1);
        long system = ProcessFigures.now().cpuNanos().orElseThrow() - before;
        long own = meter.read().cpuNanos().orElseThrow();
        // The system's clock ticks in hundredths of a second on some kernels.
        assertTrue(own > 0 && own <= system + 20_000_000, own + " ns here, the system says " + system + " (" + sum + ")");
    }

    private static void zone(Path powercap, String folder, String name, long microjoules) throws IOException {
        Path zone = Files.createDirectories(powercap.resolve(folder));
        Files.writeString(zone.resolve("name"), name + "\n");
        Files.writeString(zone.resolve("energy_uj"), microjoules + "\n");
        Files.writeString(zone.resolve("max_energy_range_uj"), "999999\n");
    }

    @Test
    void energyIsThePackagesAndWrapsAround(@TempDir Path powercap) throws IOException {
        zone(powercap, "intel-rapl:0", "package-0", 900_000);
        zone(powercap, "intel-rapl:1", "package-1", 5);
        zone(powercap, "intel-rapl:0:0", "core", 77);
        Energy before = Energy.read(powercap);
        assertEquals(2, before.zones().size());
        zone(powercap, "intel-rapl:0", "package-0", 100_000);
        zone(powercap, "intel-rapl:1", "package-1", 500_005);
        assertEquals(0.7, Energy.read(powercap).joulesSince(before).orElseThrow(), 1e-12);
    }

    @Test
    void energyThatCannotBeReadIsAbsent(@TempDir Path powercap) throws IOException {
        Energy none = Energy.read(powercap.resolve("none"));
        assertFalse(none.joulesSince(none).isPresent());
        zone(powercap, "intel-rapl:0", "package-0", 1);
        Files.writeString(powercap.resolve("intel-rapl:0/energy_uj"), "");
        assertTrue(Energy.read(powercap).zones().isEmpty());
    }
}
