package dev.fedtiny.benchmarks.jmh;

import dev.fedtiny.benchmarks.ResultFiles;
import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command.Option;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What {@code bin/benchmarks jmh} was asked for.
 *
 * @param arguments options, and at most one filter
 */
record Options(Arguments arguments) {
    /** Paragraphs of help. */
    static final String DETAILS = """
            What will be measured, and for how long at least, is printed before it begins. \
            Without options and FILTER that is everything, for many hours; \
            some kernels' times need no more than a minute or two:
              bin/benchmarks --quick --threads 1 --densities 0.1 --layers resnet18/layer2.0.conv2 ConvolutionBenchmark
            FILTER is a regular expression over names such as ConvolutionBenchmark.forward; the benchmarks are
              ConvolutionBenchmark: forward, backwardData, backwardWeight, growth, refresh, pack
              LinearBenchmark: the same, of linear layers
              PoolBenchmark: maxForward, maxBackward, meanForward, meanBackward, averageForward, averageBackward,
                repeatForward, repeatBackward, enlargeForward, enlargeBackward
              ElementwiseBenchmark: scaleRelu, reluBackward
              StorageBenchmark: normalizeRelu, moments, gradientSums, normalizeBackward, write, read, accumulate
              OperatorBenchmark: silu, siluBackward, softmax, softmaxBackward, layerNorm, layerNormBackward,
                groupNorm, groupNormBackward, multiply, multiplyBackward, multiplyReduce
              PixelBenchmark: depthwise, planes, rows, finish, channelsToLanes
              NetworkBenchmark: trainingStep, gradientBatch, growthBatch, maskChange, sgd, adam, inference
            Options with several values take a list with commas between.""";

    /** Of the command. */
    static final List<Option> ALL = List.of(
            Option.flag("quick", "two layers, few densities, short measurements: less than ten minutes on a quiet machine"),
            Option.value("layers", "L,L", "every shape of both networks",
                    "layers as in the shape files, for example resnet18/layer2.0.conv2"),
            Option.value("models", "M,M", "resnet18,vgg11", "networks"),
            Option.value("densities", "D,D", "1,0.5,0.2,0.1,0.05,0.02,0.01,0.001", "active shares"),
            Option.value("formats", "F,F", "csr at every density, dense at 1, bitmask at 0.5, 0.1 and 0.01",
                    "csr, dense, bitmask, winograd"),
            Option.value("masks", "M,M", "uniform at every density, the others at 0.1 and 0.01", "uniform, magnitude, skewed"),
            Option.value("model", "FILE", "none",
                    "a trained model of full width: magnitude masks keep its largest weights, at density 1 all "
                    + "that it keeps, and networks are pruned from it"),
            Option.value("residence", "R,R", "scratch", "scratch (input just laid out, as in a session), streamed (from memory)"),
            Option.value("batch", "N,N", "64", "images"),
            Option.value("threads", "T,T", "1 and one a processor", "workers"),
            Option.value("kernels", "K,K", "simd", "simd, scalar (several times slower)"),
            Option.value("out", "DIR", "benchmarks/results", "where results go"));

    /** As the command line gives them. */
    static Options parse(String... words) {
        return new Options(Arguments.parse(new JmhCommand(), List.of(words)));
    }

    boolean has(String name) {
        return arguments.has(name);
    }

    /** Regular expression over benchmark names; everything when empty. */
    String filter() {
        return arguments.positional().isEmpty() ? "" : arguments.positional().getFirst();
    }

    String[] list(String name, String... fallback) {
        return arguments.value(name).map(text -> text.split(",")).orElse(fallback);
    }

    /** A list of names of an enum's values, in capitals. */
    String[] constants(String name, String... fallback) {
        return Arrays.stream(list(name, fallback)).map(v -> v.toUpperCase(Locale.ROOT)).toArray(String[]::new);
    }

    /** The model file, empty when there is none. */
    String model() {
        return arguments.value("model").map(file -> Path.of(file).toAbsolutePath().toString()).orElse("");
    }

    Path out() {
        return arguments.value("out").map(Path::of).orElseGet(ResultFiles::folder);
    }
}
