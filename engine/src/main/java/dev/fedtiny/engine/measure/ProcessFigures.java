package dev.fedtiny.engine.measure;

import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What the system and the JVM say of this process. Figures that a system does not tell are absent.
 *
 * @param heapBytes in use now, garbage included
 * @param heapAfterCollectionBytes in use after each pool's last collection; absent before the first
 * @param maximumHeapBytes the limit (−Xmx)
 * @param peakResidentBytes most physical memory held so far, files mapped into it included: {@code VmHWM} of Linux' /proc/self/status
 * @param residentBytes physical memory held now: {@code VmRSS}
 * @param collections garbage collections so far
 * @param collectionMillis time spent in them
 * @param threads live platform threads
 * @param cpuNanos processor time of all threads, the JVM's own (compiler, collector) included
 * @param allocatedBytes allocated on the heap by all threads so far
 */
public record ProcessFigures(long heapBytes, OptionalLong heapAfterCollectionBytes, long maximumHeapBytes, OptionalLong peakResidentBytes,
        OptionalLong residentBytes, long collections, long collectionMillis, int threads, OptionalLong cpuNanos,
        OptionalLong allocatedBytes) {
    private static final Path STATUS = Path.of("/proc/self/status");

    /** {@return the figures now} Collects nothing. */
    public static ProcessFigures now() {
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        long collections = 0;
        long millis = 0;
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            collections += Math.max(0, collector.getCollectionCount());
            millis += Math.max(0, collector.getCollectionTime());
        }
        return new ProcessFigures(heap.getUsed(), collections == 0 ? OptionalLong.empty() : OptionalLong.of(usedAfterCollection()),
                Runtime.getRuntime().maxMemory(), status(STATUS, "VmHWM"), status(STATUS, "VmRSS"), collections, millis,
                ManagementFactory.getThreadMXBean().getThreadCount(), cpu(), allocated());
    }

    /**
     * {@return the figures after a full collection, so that {@link #heapAfterCollectionBytes} is what really lives} Takes some
     * milliseconds.
     */
    public static ProcessFigures collected() {
        System.gc();
        return now();
    }

    private static long usedAfterCollection() {
        long bytes = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getType() == MemoryType.HEAP && pool.getCollectionUsage() != null) {
                bytes += pool.getCollectionUsage().getUsed();
            }
        }
        return bytes;
    }

    private static OptionalLong cpu() {
        long nanos = ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getProcessCpuTime() : -1;
        return nanos < 0 ? OptionalLong.empty() : OptionalLong.of(nanos);
    }

    private static OptionalLong allocated() {
        long bytes = ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean threads
                && threads.isThreadAllocatedMemorySupported() && threads.isThreadAllocatedMemoryEnabled()
                ? threads.getTotalThreadAllocatedBytes() : -1;
        return bytes < 0 ? OptionalLong.empty() : OptionalLong.of(bytes);
    }

    /** A size in a file of lines like {@code VmHWM:  1234 kB}; absent where there is no such file or line. */
    static OptionalLong status(Path file, String key) {
        if (!Files.isReadable(file)) {
            return OptionalLong.empty();
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(key + ":")).map(line -> line.substring(key.length() + 1).strip())
                    .filter(size -> size.matches("\\d+ kB")).mapToLong(size -> 1024 * Long.parseLong(size.substring(0, size.length() - 3)))
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
