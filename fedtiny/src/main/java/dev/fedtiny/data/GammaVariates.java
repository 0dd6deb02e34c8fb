package dev.fedtiny.data;

import dev.fedtiny.engine.runtime.RandomStream;

/**
 * Gamma variates by the method of Marsaglia and Tsang (2000), as logarithms: with a tiny shape the values themselves would underflow to 0.
 */
public final class GammaVariates {
    private GammaVariates() {
    }

    /**
     * The logarithm of a Gamma(shape, 1) variate; shape positive and finite.
     *
     * @param shape a; positive and finite
     * @param random source of uniform and normal variates
     * @return ln X
     */
    public static double nextLog(double shape, RandomStream random) {
        if (shape < 1) {
            // Gamma(a) = Gamma(a + 1) · U^(1/a), U in (0, 1].
            double boosted = nextLogOfLargeShape(shape + 1, random);
            return boosted + StrictMath.log(1 - random.nextDouble()) / shape;
        }
        return nextLogOfLargeShape(shape, random);
    }

    private static double nextLogOfLargeShape(double shape, RandomStream random) {
        double d = shape - 1.0 / 3;
        double c = 1 / StrictMath.sqrt(9 * d);
        while (true) {
            double x = random.nextGaussian();
            double root = 1 + c * x;
            if (root > 0) {
                double v = root * root * root;
                double logV = 3 * StrictMath.log(root);
                if (StrictMath.log(1 - random.nextDouble()) < 0.5 * x * x + d - d * v + d * logV) {
                    return StrictMath.log(d) + logV;
                }
            }
        }
    }
}
