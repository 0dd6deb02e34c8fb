package dev.fedtiny.engine.reference;

import dev.fedtiny.engine.io.SafetensorsFile;

/** The optimisers of PyTorch in double, over whole tensors with masks, as a file of training steps names them. */
abstract class ReferenceOptimizer {
    private final double rate;
    private final double decay;
    private int steps;

    private ReferenceOptimizer(SafetensorsFile file) {
        rate = setting(file, "lr");
        decay = setting(file, "weight_decay");
    }

    static ReferenceOptimizer of(SafetensorsFile file) {
        return file.metadata().get("optimizer").startsWith("Adam") ? new Adam(file) : new Sgd(file);
    }

    private static double setting(SafetensorsFile file, String key) {
        return Double.parseDouble(file.metadata().get(key));
    }

    /** Parameters after one step; pruned positions keep their zeros. */
    final double[][] step(double[][] before, double[][] gradients, double[][] masks) {
        steps++;
        double[][] after = before.clone();
        for (int i = 0; i < before.length; i++) {
            if (gradients[i] != null) {
                after[i] = before[i].clone();
                for (int j = 0; j < after[i].length; j++) {
                    after[i][j] -= rate * direction(i, j, after[i].length, (gradients[i][j] + decay * before[i][j]) * masks[i][j], steps);
                }
            }
        }
        return after;
    }

    abstract double direction(int parameter, int position, int size, double gradient, int step);

    /** State of one value a position, made when it is first needed. */
    private static final class Buffer {
        private final double[][] values = new double[1024][];

        double[] of(int parameter, int size) {
            if (values[parameter] == null) {
                values[parameter] = new double[size];
            }
            return values[parameter];
        }
    }

    /** v = momentum·v + g. */
    private static final class Sgd extends ReferenceOptimizer {
        private final double momentum;
        private final Buffer velocities = new Buffer();

        Sgd(SafetensorsFile file) {
            super(file);
            momentum = setting(file, "momentum");
        }

        @Override
        double direction(int parameter, int position, int size, double gradient, int step) {
            double[] velocity = velocities.of(parameter, size);
            velocity[position] = momentum * velocity[position] + gradient;
            return velocity[position];
        }
    }

    /** m/(1 − β₁ᵗ) over √(largest v/(1 − β₂ᵗ)) + ε, as the paper writes it. */
    private static final class Adam extends ReferenceOptimizer {
        private final double beta1;
        private final double beta2;
        private final double epsilon;
        private final boolean amsgrad;
        private final Buffer means = new Buffer();
        private final Buffer squares = new Buffer();
        private final Buffer largest = new Buffer();

        Adam(SafetensorsFile file) {
            super(file);
            String[] betas = file.metadata().get("betas").split(",");
            beta1 = Double.parseDouble(betas[0]);
            beta2 = Double.parseDouble(betas[1]);
            epsilon = setting(file, "eps");
            amsgrad = Boolean.parseBoolean(file.metadata().get("amsgrad"));
        }

        @Override
        double direction(int parameter, int position, int size, double gradient, int step) {
            double[] mean = means.of(parameter, size);
            double[] square = squares.of(parameter, size);
            double[] bound = largest.of(parameter, size);
            mean[position] = beta1 * mean[position] + (1 - beta1) * gradient;
            square[position] = beta2 * square[position] + (1 - beta2) * gradient * gradient;
            bound[position] = amsgrad ? Math.max(bound[position], square[position]) : square[position];
            return mean[position] / (1 - Math.pow(beta1, step)) / (Math.sqrt(bound[position] / (1 - Math.pow(beta2, step))) + epsilon);
        }
    }
}
