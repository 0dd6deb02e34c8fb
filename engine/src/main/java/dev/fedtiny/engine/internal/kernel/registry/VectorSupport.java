package dev.fedtiny.engine.internal.kernel.registry;

import dev.fedtiny.engine.internal.run.CpuFeatures;
import java.util.Optional;

/** Whether this JVM compiles vectors to instructions: where it does not, they are emulated, and scalar loops are many times faster. */
final class VectorSupport {
    private VectorSupport() {
    }

    /** Why vectors would be slow or impossible here, and how to start a JVM in which they are neither; empty where they are not. */
    static Optional<String> refusal() {
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            return Optional.of("the JVM runs without the Vector API; start it with --add-modules jdk.incubator.vector");
        }
        return Optional.ofNullable(compilerRefusal()).or(() -> SimdKernels.widthRefusal(CpuFeatures.vmOption("MaxVectorSize")));
    }

    private static String compilerRefusal() {
        if ("false".equals(CpuFeatures.vmOption("UseCompiler"))) {
            return "the JVM only interprets (-Xint), where vectors are emulated; start it without -Xint";
        }
        String level = CpuFeatures.vmOption("TieredStopAtLevel");
        if (!level.isEmpty() && Integer.parseInt(level) < 4 && "true".equals(CpuFeatures.vmOption("TieredCompilation"))) {
            return "C2 is off (-XX:TieredStopAtLevel=" + level
                    + "), and without it vectors are emulated; start the JVM without that option";
        }
        String mode = CpuFeatures.vmOption("CompilationMode");
        if (mode.startsWith("quick-only")) {
            return "C2 is off (-XX:CompilationMode=" + mode + "), and without it vectors are emulated; start the JVM without that option";
        }
        String vm = System.getProperty("java.vm.name", "");
        if ("true".equals(CpuFeatures.vmOption("UseJVMCICompiler"))) {
            return "the JVM '" + vm
                    + "' compiles with another compiler than C2 (-XX:+UseJVMCICompiler), and without it vectors are emulated; "
                    + "start it with -XX:-UseJVMCICompiler";
        }
        if (vm.contains("Client") || CpuFeatures.vmOption("UseCompiler").isEmpty()) {
            return "the JVM '" + vm
                    + "' does not say that it compiles with C2, and without it vectors are emulated; use a HotSpot JVM with C2";
        }
        if ("false".equals(CpuFeatures.vmOption("EnableVectorSupport"))) {
            return "the Vector API's intrinsics are off (-XX:-EnableVectorSupport); start the JVM without that option";
        }
        String sse = CpuFeatures.vmOption("UseSSE");
        if (!sse.isEmpty() && Integer.parseInt(sse) < 4) {
            return "vectors are without SSE4 (UseSSE=" + sse + "), and what is missing is emulated; start the JVM without -XX:UseSSE";
        }
        return null;
    }
}
