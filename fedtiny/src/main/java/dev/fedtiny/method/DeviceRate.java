package dev.fedtiny.method;

import dev.fedtiny.engine.runtime.RandomStream;
import java.util.List;

/** A rate that differs from device to device: FLOP/s of its processor, bytes/s of its line. */
public sealed interface DeviceRate {
    /**
     * The rate of a device, always the same for one seed and purpose.
     *
     * @param seed of the run
     * @param purpose which rate: names the random stream
     * @param device k, from 0
     * @return a unit a second, above 0; ∞ for {@link Unlimited}
     */
    double of(long seed, String purpose, int device);

    /** Nothing takes any time. */
    record Unlimited() implements DeviceRate {
        @Override
        public double of(long seed, String purpose, int device) {
            return Double.POSITIVE_INFINITY;
        }
    }

    /**
     * One rate a device.
     *
     * @param rates device k's at place k; positive; a single one is everybody's
     */
    record Given(List<Double> rates) implements DeviceRate {
        /** Checks the range. */
        public Given {
            rates = List.copyOf(rates);
            if (rates.isEmpty() || rates.stream().anyMatch(rate -> !(rate > 0))) {
                throw new IllegalArgumentException("device rates " + rates + ", expected at least one, all above 0");
            }
        }

        @Override
        public double of(long seed, String purpose, int device) {
            return rates.get(rates.size() == 1 ? 0 : device);
        }
    }

    /**
     * Drawn for every device, uniform in the logarithm, from a stream of its own.
     *
     * @param least above 0
     * @param most at least {@code least}
     */
    record LogUniform(double least, double most) implements DeviceRate {
        /** Checks the range. */
        public LogUniform {
            if (!(least > 0 && least <= most && Double.isFinite(most))) {
                throw new IllegalArgumentException("device rates from " + least + " to " + most + ", expected 0 < least <= most");
            }
        }

        @Override
        public double of(long seed, String purpose, int device) {
            double low = StrictMath.log(least);
            double high = StrictMath.log(most);
            return StrictMath.exp(low + RandomStream.of(seed, purpose, device).nextDouble() * (high - low));
        }
    }
}
