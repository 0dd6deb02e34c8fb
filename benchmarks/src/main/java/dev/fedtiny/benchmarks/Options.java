package dev.fedtiny.benchmarks;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code bin/benchmarks} was asked for: options {@code --name value}, switches, and one filter.
 *
 * @param values values by name; a switch has an empty one
 * @param filter regular expression over benchmark names; everything when empty
 */
record Options(Map<String, String> values, String filter) {
    /** Lines of help. */
    static final String USAGE = """
            Usage: bin/benchmarks [OPTION]... [FILTER]     times kernels and steps with JMH
                   bin/benchmarks probe [--threads T,T]    the machine's FMA peak and bandwidths
                   bin/benchmarks peers [OPTION]...        our training step and libtorch's in turn; see bin/benchmarks peers --help
                   bin/benchmarks charts [--out DIR]       the charts of the documentation, drawn from result files

            What will be measured, and for how long at least, is printed before it begins. Without options and FILTER that is everything,
            for many hours; some kernels' times need no more than a minute or two:
              bin/benchmarks --quick --threads 1 --densities 0.1 --layers resnet18/layer2.0.conv2 ConvolutionBenchmark

            FILTER is a regular expression over names such as ConvolutionBenchmark.forward; the benchmarks are
              ConvolutionBenchmark  forward, backwardData, backwardWeight, growth, refresh, pack
              LinearBenchmark       the same, of linear layers
              PoolBenchmark         maxForward, maxBackward, averageForward, averageBackward
              ElementwiseBenchmark          normalizeRelu, moments, gradientSums, normalizeBackward, reluBackward
              NetworkBenchmark      trainingStep, gradientBatch, growthBatch, maskChange, sgd, adam, inference

            Options (lists with commas between):
              --quick               four layers, few densities, short measurements: minutes in place of hours
              --layers L,L          layers as in the shape files, for example resnet18/layer2.0.conv2 (default: every shape of both networks)
              --models M,M          networks (default: resnet18,vgg11)
              --densities D,D       kept shares (default: 1,0.5,0.2,0.1,0.05,0.02,0.01,0.001)
              --formats F,F         csr, dense, bitmask, winograd (default: csr at every density, dense at 1, bitmask at 0.5, 0.1 and 0.01)
              --masks M,M           uniform, magnitude, skewed (default: uniform at every density, the others at 0.1 and 0.01)
              --model FILE          a trained model of full width: magnitude masks keep its largest weights, at density 1 all that it keeps,
                                    and networks are pruned from it
              --residence R,R       scratch (input just laid out, as in a session), streamed (from memory) (default: scratch)
              --batch N,N           images (default: 64)
              --threads T,T         workers (default: 1 and one a processor)
              --kernels K,K         simd, scalar (default: simd; scalar is several times slower)
              --out DIR             where results go (default: benchmarks/results)
            """;

    private static final List<String> SWITCHES = List.of("quick", "help");
    private static final List<String> NAMES = List.of("layers", "models", "densities", "formats", "masks", "model", "residence", "batch",
            "threads", "kernels", "out");

    /**
     * Reads the words of a command line.
     *
     * @throws IllegalArgumentException naming the word that is not understood
     */
    static Options parse(String... words) {
        Map<String, String> values = new LinkedHashMap<>();
        String filter = "";
        for (int i = 0; i < words.length; i++) {
            if (!words[i].startsWith("--")) {
                if (!filter.isEmpty()) {
                    throw new IllegalArgumentException("two filters, '" + filter + "' and '" + words[i] + "'; join them with |");
                }
                filter = words[i];
                continue;
            }
            String name = words[i].substring(2);
            if (SWITCHES.contains(name)) {
                values.put(name, "");
            } else if (!NAMES.contains(name)) {
                throw new IllegalArgumentException("no option --" + name + "; there are --" + String.join(", --", SWITCHES) + ", --"
                        + String.join(", --", NAMES));
            } else if (++i == words.length) {
                throw new IllegalArgumentException("option --" + name + " needs a value");
            } else {
                values.put(name, words[i]);
            }
        }
        return new Options(values, filter);
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    String[] list(String name, String... fallback) {
        return has(name) ? values.get(name).split(",") : fallback;
    }

    /** A list of names of an enum's values, in capitals. */
    String[] constants(String name, String... fallback) {
        return Arrays.stream(list(name, fallback)).map(v -> v.toUpperCase(java.util.Locale.ROOT)).toArray(String[]::new);
    }

    Path out() {
        return Path.of(values.getOrDefault("out", "benchmarks/results"));
    }
}
