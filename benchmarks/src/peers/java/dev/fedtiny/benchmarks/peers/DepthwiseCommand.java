package dev.fedtiny.benchmarks.peers;

import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.convolution_backward;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.set_num_threads;

import dev.fedtiny.benchmarks.DepthwiseBenchmark;
import dev.fedtiny.benchmarks.MedianInterval;
import dev.fedtiny.benchmarks.ResultFiles;
import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongArrayRefOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Depthwise 3 × 3 convolutions of stored maps on one thread: what memory allows, ours ({@link DepthwiseBenchmark}) and libtorch's, in turn
 * in one process. Every round times a block of calls of each; shares and ratios are taken within a round.
 */
final class DepthwiseCommand implements Command {
    private static final double CONFIDENCE = 0.95;
    private static final int MOST_ROUNDS = 1000;
    /** Calls of a block; the first ones bring the maps as near as they stay, and are not counted. */
    private static final int CALLS = 12;
    private static final int UNCOUNTED = 3;
    private static final int WARM_BLOCKS = 25;
    private static final List<String> MAPS = List.of("64×32×32", "256×8×8");

    /** One of the three passes. */
    private enum Pass {
        FORWARD("forward"), BACKWARD_DATA("backward data"), BACKWARD_WEIGHT("backward weight");

        private final String words;

        Pass(String words) {
            this.words = words;
        }

        Runnable ours(DepthwiseBenchmark benchmark) {
            return switch (this) {
                case FORWARD -> benchmark::forward;
                case BACKWARD_DATA -> benchmark::backwardData;
                case BACKWARD_WEIGHT -> benchmark::backwardWeight;
            };
        }

        Runnable bound(DepthwiseBenchmark benchmark) {
            return this == BACKWARD_WEIGHT ? benchmark::boundRead : benchmark::boundCopy;
        }
    }

    @Override
    public String name() {
        return "depthwise";
    }

    @Override
    public String summary() {
        return "our depthwise 3 × 3 convolutions, libtorch's and memory in turn";
    }

    @Override
    public String usage() {
        return "[OPTION]...";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.batch("64 images", "images at a time"),
                Option.whole("rounds", "N", "15 rounds", "rounds; an interval needs 6", 1, MOST_ROUNDS),
                Option.value("layout", "L", "nchw", "libtorch's memory format, nchw or nhwc"));
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) {
        String layout = arguments.value("layout").orElse("nchw");
        if (!layout.equals("nchw") && !layout.equals("nhwc")) {
            throw new UsageException("option --layout is '" + layout + "', expected nchw or nhwc");
        }
        int batch = arguments.integer("batch", 64);
        int rounds = arguments.integer("rounds", 15);
        set_num_threads(1);
        TextTable table = new TextTable("maps", "pass", "memory ms", "ours ms", "share of memory", "", "libtorch ms",
                "libtorch / ours", "");
        NoGradGuard withoutGraph = new NoGradGuard();
        try {
            MAPS.forEach(map -> measure(map, batch, rounds, layout.equals("nhwc"), table));
        } finally {
            withoutGraph.close();
        }
        terminal.out().println("depthwise 3 × 3, batch " + batch + ", one thread, " + rounds + " rounds, libtorch " + layout);
        ResultFiles.environment().forEach((fact, value) -> terminal.out().println(fact + ": " + value));
        terminal.out().print("\n" + table);
        return ExitCode.OK;
    }

    private static void measure(String map, int batch, int rounds, boolean channelsLast, TextTable table) {
        DepthwiseBenchmark benchmark = new DepthwiseBenchmark();
        benchmark.batch = batch;
        benchmark.map = map;
        benchmark.density = 1;
        benchmark.prepare();
        int[] extents = Arrays.stream(map.split("×")).mapToInt(Integer::parseInt).toArray();
        Torch torch = Torch.of(batch, extents, channelsLast);
        Map<Pass, Runnable[]> work = new LinkedHashMap<>();
        for (Pass pass : Pass.values()) {
            work.put(pass, new Runnable[] {pass.bound(benchmark), pass.ours(benchmark), () -> torch.run(pass)});
        }
        for (int i = 0; i < WARM_BLOCKS; i++) {
            // libtorch has nothing to compile.
            for (Runnable[] candidates : work.values()) {
                block(candidates[0]);
                block(candidates[1]);
            }
        }
        Map<Pass, double[][]> millis = new LinkedHashMap<>();
        work.keySet().forEach(pass -> millis.put(pass, new double[3][rounds]));
        for (int round = 0; round < rounds; round++) {
            for (Pass pass : Pass.values()) {
                for (int candidate = 0; candidate < 3; candidate++) {
                    millis.get(pass)[candidate][round] = block(work.get(pass)[candidate]);
                }
            }
        }
        millis.forEach((pass, times) -> {
            MedianInterval share = ratio(times[0], times[1]);
            MedianInterval ratio = ratio(times[2], times[1]);
            table.row(map, pass.words, median(times[0]), median(times[1]), Units.percent(share.median()),
                    Units.percent(share.low()) + " - " + Units.percent(share.high()), median(times[2]), Units.fixed(ratio.median(), 2),
                    Units.fixed(ratio.low(), 2) + " - " + Units.fixed(ratio.high(), 2));
        });
    }

    private static MedianInterval ratio(double[] over, double[] under) {
        double[] ratios = new double[over.length];
        Arrays.setAll(ratios, round -> over[round] / under[round]);
        return MedianInterval.of(ratios, CONFIDENCE);
    }

    private static String median(double[] millis) {
        return Units.fixed(MedianInterval.of(millis, CONFIDENCE).median(), 3);
    }

    /** The median of a block of calls, in milliseconds. */
    private static double block(Runnable work) {
        double[] millis = new double[CALLS];
        for (int call = -UNCOUNTED; call < CALLS; call++) {
            long before = System.nanoTime();
            work.run();
            if (call >= 0) {
                millis[call] = (System.nanoTime() - before) / 1e6;
            }
        }
        Arrays.sort(millis);
        return millis[CALLS / 2];
    }

    /** The same convolution in libtorch: as many groups as channels. */
    private record Torch(Tensor x, Tensor weight, Tensor dy, int channels, BoolPointer data, BoolPointer weights) {
        private static final long[] ONE = {1, 1};

        static Torch of(int batch, int[] extents, boolean channelsLast) {
            return new Torch(map(batch, extents, channelsLast), randn(extents[0], 1, 3, 3), map(batch, extents, channelsLast), extents[0],
                    mask(true, false), mask(false, true));
        }

        private static Tensor map(int batch, int[] extents, boolean channelsLast) {
            Tensor map = randn(batch, extents[0], extents[1], extents[2]);
            return channelsLast ? map.contiguous(torch.MemoryFormat.ChannelsLast) : map;
        }

        private static BoolPointer mask(boolean data, boolean weights) {
            return new BoolPointer(3).put(0, data).put(1, weights).put(2, false);
        }

        void run(Pass pass) {
            // What a call makes lives in C++; the scope gives it back without waiting for the garbage collector.
            PointerScope scope = new PointerScope();
            try {
                switch (pass) {
                    case FORWARD -> conv2d(x, weight, new TensorOptional(), ONE, ONE, ONE, channels);
                    case BACKWARD_DATA -> backward(data);
                    case BACKWARD_WEIGHT -> backward(weights);
                }
            } finally {
                scope.close();
            }
        }

        private void backward(BoolPointer wanted) {
            convolution_backward(dy, x, weight, new LongArrayRefOptional(), ONE, ONE, ONE, false, new long[2], channels, wanted);
        }
    }
}
