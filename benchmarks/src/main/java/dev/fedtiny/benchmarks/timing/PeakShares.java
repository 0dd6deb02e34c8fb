package dev.fedtiny.benchmarks.timing;

import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How much of the machine's multiply-adds each pass turns into useful ones, those of active weights: a table a pass, in the form that a
 * training session computes a layer in. Winograd's transform does without more than half of them, so that its share may be above 100 %.
 *
 * @param layers what was timed, all at the same densities
 * @param images of the batch, lanes without one included
 * @param peakGflops multiply-adds in registers, two operations each
 */
public record PeakShares(List<LayerBreakEven> layers, int images, double peakGflops) {
    @Override
    public String toString() {
        return "share of the peak over active weights, % (c CSR, d dense, w Winograd's transform)" + System.lineSeparator()
                + table("forward", LayerTimes::forward) + System.lineSeparator() + table("backward data", LayerTimes::backwardData)
                + System.lineSeparator() + table("backward weight", LayerTimes::backwardWeight);
    }

    private TextTable table(String pass, ToDoubleFunction<LayerTimes> part) {
        double[] densities = layers.getFirst().densities();
        List<String> heading = new ArrayList<>(List.of(pass));
        for (int i = densities.length - 1; i >= 0; i--) {
            heading.add(Double.toString(densities[i]));
        }
        TextTable table = new TextTable(heading.toArray(String[]::new));
        double[] sums = new double[densities.length];
        List<LayerBreakEven> timed = layers.stream().filter(layer -> part.applyAsDouble(layer.dense()) > 0).toList();
        for (LayerBreakEven layer : timed) {
            List<String> cells = new ArrayList<>(List.of(layer.shape().toString()));
            for (int i = densities.length - 1; i >= 0; i--) {
                ConvolutionAlgorithm algorithm = algorithm(layer, densities[i]);
                double share = share(layer.geometry(), densities[i], part.applyAsDouble(layer.times(algorithm, i)));
                sums[i] += share;
                cells.add(Units.fixed(100 * share, 1) + letter(algorithm));
            }
            table.row(cells.toArray(String[]::new));
        }
        List<String> means = new ArrayList<>(List.of("mean"));
        for (int i = densities.length - 1; i >= 0; i--) {
            means.add(timed.isEmpty() ? "-" : Units.fixed(100 * sums[i] / timed.size(), 1) + " ");
        }
        return table.row(means.toArray(String[]::new));
    }

    private static ConvolutionAlgorithm algorithm(LayerBreakEven layer, double density) {
        return AlgorithmPolicy.AUTOMATIC.choose(layer.geometry(), LayerTimes.active(layer.geometry(), density), Mode.TRAINING);
    }

    private double share(Conv2dGeometry geometry, double density, double millis) {
        double operations = 2.0 * LayerTimes.active(geometry, density) * geometry.outputHeight() * geometry.outputWidth() * images;
        return operations / (millis * 1e6) / peakGflops;
    }

    private static char letter(ConvolutionAlgorithm algorithm) {
        return switch (algorithm) {
            case CSR -> 'c';
            case BITMASK -> 'b';
            case DENSE -> 'd';
            case WINOGRAD -> 'w';
        };
    }
}
