package dev.fedtiny.federation.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** What Linux says about processes; nothing is known elsewhere, and then answers are empty. */
public final class ProcessLimits {
    private ProcessLimits() {
    }

    /**
     * VmHWM: the most memory a process had resident at once, bytes; pages of mapped files that it touched are included. Cost: reads one
     * small file of {@code /proc}.
     *
     * @param processId of the operating system
     * @return bytes; empty where that is not known
     */
    public static OptionalLong peakResidentBytes(long processId) {
        return kilobytes(processId, "VmHWM:");
    }

    private static OptionalLong kilobytes(long processId, String key) {
        for (String line : status(processId)) {
            if (line.startsWith(key)) {
                return OptionalLong.of(1024 * Long.parseLong(line.substring(key.length()).replaceAll("[^0-9]", "")));
            }
        }
        return OptionalLong.empty();
    }

    /** The processors that this process may run on, by number; empty where unknown. */
    static List<Integer> allowedProcessors() {
        String key = "Cpus_allowed_list:";
        List<Integer> allowed = new ArrayList<>();
        for (String line : status(ProcessHandle.current().pid())) {
            if (line.startsWith(key)) {
                for (String range : line.substring(key.length()).strip().split(",")) {
                    String[] ends = range.split("-");
                    for (int cpu = Integer.parseInt(ends[0]); cpu <= Integer.parseInt(ends[ends.length - 1]); cpu++) {
                        allowed.add(cpu);
                    }
                }
            }
        }
        return allowed;
    }

    private static List<String> status(long processId) {
        Path file = Path.of("/proc/" + processId + "/status");
        try {
            return Files.isReadable(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            // The process has ended between the two calls.
            return List.of();
        }
    }

    /** The program that binds a process to processors, if there is one. */
    static boolean canPin() {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(java.io.File.pathSeparator)) {
            if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, "taskset"))) {
                return !allowedProcessors().isEmpty();
            }
        }
        return false;
    }
}
