package dev.fedtiny.engine.internal.run;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/** Facts about the JVM that decide which kernels may run. */
public final class CpuFeatures {
    private CpuFeatures() {
    }

    /** The value of a HotSpot option, or the empty string where the JVM has none of this name or does not tell. */
    public static String vmOption(String name) {
        try {
            HotSpotDiagnosticMXBean bean = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            return bean == null ? "" : bean.getVMOption(name).getValue();
        } catch (RuntimeException | LinkageError e) {
            return "";
        }
    }
}
