package dev.fedtiny.benchmarks.profile;

import com.sun.management.ThreadMXBean;
import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.layer.Input;
import dev.fedtiny.engine.layer.WeightedLayer;
import dev.fedtiny.engine.measure.MeterReading;
import dev.fedtiny.engine.measure.OperatorCost;
import dev.fedtiny.engine.measure.ProcessFigures;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.report.Repetitions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Asks others for the figures the meter gives: the operating system, the JVM, the formula, a count that walks the masks, and the bytes that
 * pass between sockets.
 */
public final class Observers {
    private static final Path STAT = Path.of("/proc/self/stat");
    private static final Path STATM = Path.of("/proc/self/statm");
    private static final double TICK_NANOS = 1e7;
    private static final int PAGE_BYTES = 4096;

    private Observers() {
    }

    /**
     * The outcome.
     *
     * @param agreements figure by figure
     * @param overheads what measuring adds to a step, as a share of it, ascending: one figure for each pair of steps, one with the meter
     *     and one without
     */
    public record Outcome(List<Agreement> agreements, double[] overheads) {
        /** Whether there are enough pairs for quartiles. */
        public boolean hasQuartiles() {
            return overheads.length >= Repetitions.FOR_QUARTILES;
        }

        /** The overhead that {@code share} of the pairs do not exceed. */
        public double overhead(double share) {
            return overheads[(int) Math.round(share * (overheads.length - 1))];
        }
    }

    /** Runs steps in pairs, and compares. Where a system has no such file, the comparison is left out. */
    public static Outcome compare(ProfileSetup setup) throws IOException {
        List<Agreement> agreements = new ArrayList<>();
        comeAndGo(setup);
        long heapBefore = heap();
        try (ProfiledStep step = new ProfiledStep(setup)) {
            // What a step needs for the first time only, growth scratch above all, must be there before memory is compared.
            step.measured(true);
            step.warmUp();
            long live = step.ledger().live() + 4L * setup.batch() * setup.state().network().input().size();
            agreements.add(new Agreement("bytes of arrays, input included", live, "heap after collection, less the heap before",
                    heap() - heapBefore, 0.9, 1.02));
            steps(step, agreements);
            resident(agreements);
            double[] overheads = overheads(step);
            agreements.addAll(SocketExchange.compare());
            return new Outcome(agreements, overheads);
        }
    }

    /**
     * Classes and objects that come with a first session are more than a small network's arrays, so they must be there before. A method of
     * its own: none of its variables keeps the session reachable afterwards.
     */
    private static void comeAndGo(ProfileSetup setup) {
        try (ProfiledStep first = new ProfiledStep(setup)) {
            first.measured(true);
            first.run();
        }
    }

    private static long heap() {
        return ProcessFigures.collected().heapAfterCollectionBytes().orElseThrow();
    }

    private static void steps(ProfiledStep step, List<Agreement> agreements) throws IOException {
        ProfileSetup setup = step.setup;
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        MeterReading before = step.meter.read();
        double ticks = ticks();
        long system = ProcessFigures.now().cpuNanos().orElse(0);
        long allocated = threads.getCurrentThreadAllocatedBytes();
        long wall = 0;
        for (int i = 0; i < setup.steps(); i++) {
            wall += step.run();
        }
        allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
        system = ProcessFigures.now().cpuNanos().orElse(0) - system;
        ticks = ticks() - ticks;
        MeterReading reading = step.meter.read().since(before);
        long images = (long) setup.steps() * setup.batch();
        agreements.add(new Agreement("useful multiply-adds", reading.total(OperatorCost::usefulMacs), "a walk over every mask",
                images * walk(setup), 1, 1));
        agreements.add(new Agreement("useful multiply-adds", reading.total(OperatorCost::usefulMacs), "the formula",
                (ExactCost.trainingFlops(setup.state(), images) + ExactCost.growthFlops(setup.state(), setup.growing(), images)) / 2.0,
                1, 1));
        agreements.add(new Agreement("step time, ns", reading.stepNanos(), "a clock around the steps", wall, 0.99, 1));
        agreements.add(new Agreement("operators and rest, ns", reading.total(OperatorCost::nanos) + reading.restNanos(), "step time",
                reading.stepNanos(), 1, 1));
        double cpu = reading.cpuNanos().orElse(0);
        agreements.add(new Agreement("processor time of the team, ns", cpu, "the system's for the process (JVM threads too)",
                system, 0.8, 1.02));
        if (ticks > 0) {
            agreements.add(new Agreement("processor time of the team, ns", cpu, "/proc/self/stat, ticks of 10 ms", ticks, 0.75, 1.1));
        }
        agreements.add(new Agreement("bytes allocated on the caller and others", reading.total(OperatorCost::allocatedBytes),
                "the JVM's counter of the caller", allocated, 0, setup.threads() == 1 ? 1 : Double.MAX_VALUE));
    }

    /** Multiply-adds of a step and an image, active position by active position. */
    private static long walk(ProfileSetup setup) {
        ModelState state = setup.state();
        Network network = state.network();
        long macs = 0;
        for (int parameter = 0; parameter < network.parameters().size(); parameter++) {
            if (!network.parameters().get(parameter).kind().isWeight()
                    || !(network.layerOf(parameter) instanceof WeightedLayer layer)) {
                continue;
            }
            boolean first = network.layers().get(layer.source()) instanceof Input;
            boolean grows = setup.growing().contains(parameter);
            Mask mask = state.mask(parameter);
            long pixels = layer.multiplyAdds();
            for (int index = 0; index < mask.size(); index++) {
                boolean kept = mask.contains(index);
                macs += kept ? (first ? 2L : 3L) * pixels : grows ? pixels : 0;
            }
        }
        return macs;
    }

    /** User and system time in nanoseconds, as Linux rounds it; 0 elsewhere. */
    private static double ticks() throws IOException {
        if (!Files.isReadable(STAT)) {
            return 0;
        }
        String stat = Files.readString(STAT);
        // The process's name, in brackets, may hold spaces.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_NANOS;
    }

    private static void resident(List<Agreement> agreements) throws IOException {
        ProcessFigures figures = ProcessFigures.now();
        if (figures.residentBytes().isPresent() && Files.isReadable(STATM)) {
            agreements.add(new Agreement("resident bytes (VmRSS)", figures.residentBytes().getAsLong(),
                    "/proc/self/statm, pages of 4096 bytes", (double) PAGE_BYTES * Long.parseLong(Files.readString(STATM).split(" ")[1]),
                    0.95, 1.05));
        }
    }

    private static double[] overheads(ProfiledStep step) {
        // The compiler has not seen steps without a meter yet.
        step.measured(false);
        step.warmUp();
        double[] shares = new double[step.setup.steps()];
        for (int i = 0; i < shares.length; i++) {
            // Which of the pair goes first changes, so that a drift of the machine's speed cancels.
            boolean first = i % 2 == 0;
            step.measured(first);
            double one = step.run();
            step.measured(!first);
            double other = step.run();
            shares[i] = (first ? one / other : other / one) - 1;
        }
        Arrays.sort(shares);
        return shares;
    }
}
