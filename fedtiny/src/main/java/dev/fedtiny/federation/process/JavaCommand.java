package dev.fedtiny.federation.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command that starts a device's Java: this one's runtime and classes, with limits. The flags: the heap limit, half a mebibyte of it
 * young (a session allocates nothing while it trains, and its arrays are larger than the young generation anyway); the serial collector;
 * one processor; small thread stacks and code cache; no shared performance counters.
 *
 * @param heapMiB -Xmx
 * @param extra further flags, after the others
 */
public record JavaCommand(int heapMiB, List<String> extra) {
    private static final String MAIN_MODULE = "dev.fedtiny";
    /** The class that runs all commands of this program, the command {@code device} among them. */
    public static final String MAIN_CLASS = "dev.fedtiny.cli.Main";

    /** Checks the limit. */
    public JavaCommand {
        extra = List.copyOf(extra);
        if (heapMiB < 1) {
            throw new IllegalArgumentException("heap of " + heapMiB + " MiB for a device process, expected at least 1");
        }
    }

    /** {@return the flags of the virtual machine, limits and class path apart} */
    public List<String> flags() {
        List<String> flags = new ArrayList<>(List.of("-Xmx" + heapMiB + "m", "-Xms" + heapMiB + "m", "-Xmn512k",
                "-XX:+UseSerialGC", "-XX:ActiveProcessorCount=1", "-Xss512k", "-XX:ReservedCodeCacheSize=48m", "-XX:-UsePerfData",
                "-Xlog:disable", "-Xlog:all=error:stderr"));
        flags.addAll(extra);
        return flags;
    }

    /**
     * The whole command, bound to one of this process's processors where {@code taskset} exists.
     *
     * @param lane which of the processors, modulo their number
     * @param words what follows the main class
     * @return the words of the command
     */
    public List<String> command(int lane, List<String> words) {
        List<String> command = new ArrayList<>();
        if (ProcessLimits.canPin()) {
            List<Integer> processors = ProcessLimits.allowedProcessors();
            command.addAll(List.of("taskset", "-c", processors.get(lane % processors.size()).toString()));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
        command.addAll(flags());
        String kernels = System.getProperty("dev.fedtiny.kernels");
        if (kernels != null) {
            command.add("-Ddev.fedtiny.kernels=" + kernels);
        }
        if (JavaCommand.class.getModule().isNamed()) {
            command.addAll(List.of("--module-path", System.getProperty("jdk.module.path"), "--module", MAIN_MODULE + "/" + MAIN_CLASS));
        } else {
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN_CLASS));
        }
        command.addAll(words);
        return command;
    }

    /** {@return in words, which limit of processors is in force} */
    public static String processorLimit() {
        return ProcessLimits.canPin() ? "one processor each (taskset, and -XX:ActiveProcessorCount=1)"
                : "-XX:ActiveProcessorCount=1 alone (no taskset here, so the collector and the compiler may use other processors)";
    }
}
