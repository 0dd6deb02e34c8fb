package dev.fedtiny.experiment;

import com.sun.management.OperatingSystemMXBean;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.runtime.Kernels;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What this run ran on, for manifests and {@code info}. */
public final class Machine {
    private Machine() {
    }

    /** {@return facts by name, in the order they are shown} */
    public static Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("processor", processor());
        facts.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        facts.put("system-version", System.getProperty("os.version"));
        facts.put("memory-bytes", Long.toString(physicalMemoryBytes()));
        facts.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        facts.put("java-options", options());
        facts.put("maximum-heap-bytes", Long.toString(Runtime.getRuntime().maxMemory()));
        Kernels kernels = Kernels.current();
        facts.put("kernels", kernels.name());
        facts.put("kernels-reason", kernels.reason());
        facts.put("fused-multiply-add", Boolean.toString(kernels.fusedMultiplyAdd()));
        return facts;
    }

    /** {@return the facts as manifests have them, a JSON object: numbers and switches as such} */
    public static String text() {
        return JsonWriter.indented(json());
    }

    static JsonObject json() {
        JsonObject.Builder machine = JsonObject.builder();
        facts().forEach((name, value) -> machine.put(name, switch (name) {
            case "processors", "memory-bytes", "maximum-heap-bytes" -> new JsonValue.JsonNumber(value);
            case "fused-multiply-add" -> JsonValue.of(Boolean.parseBoolean(value));
            default -> JsonValue.of(value);
        }));
        return machine.build();
    }

    /** Memory of the machine, or of the container that this runs in; very many bytes where it is unknown. */
    static long physicalMemoryBytes() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system ? system.getTotalMemorySize()
                : Long.MAX_VALUE;
    }

    /** Options of the virtual machine that can change how fast it is or what it computes; none that hold paths or properties. */
    private static String options() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("-X") && option.indexOf('/') < 0 || option.startsWith("--add-modules"))
                .collect(Collectors.joining(" "));
    }

    private static String processor() {
        Path info = Path.of("/proc/cpuinfo");
        if (Files.isReadable(info)) {
            try (Stream<String> lines = Files.lines(info)) {
                return lines.filter(l -> l.startsWith("model name")).findFirst().map(l -> l.substring(l.indexOf(':') + 1).strip())
                        .orElse("unknown");
            } catch (IOException e) {
                return "unknown";
            }
        }
        return System.getProperty("os.arch");
    }
}
