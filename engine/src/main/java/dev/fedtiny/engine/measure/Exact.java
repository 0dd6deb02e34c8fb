package dev.fedtiny.engine.measure;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Counts that never wrap around: sums and products of whole numbers that name themselves where 63 bits cannot hold them. */
public final class Exact {
    private Exact() {
    }

    /**
     * {@return a product of counts}
     *
     * @param what is counted and what the factors are, for the message: {@code FLOPs of training (2 · images · multiply-adds)}
     * @param factors at least 0 each
     * @throws ArithmeticException if a factor is negative or the product is above 2⁶³ − 1
     */
    public static long product(String what, long... factors) {
        long product = 1;
        boolean fits = true;
        boolean zero = false;
        for (long factor : factors) {
            if (factor < 0) {
                throw failed(what, "·", factors, "has a factor below 0");
            }
            zero |= factor == 0;
            fits &= Math.multiplyHigh(product, factor) == 0 && product * factor >= 0;
            product *= factor;
        }
        if (!fits && !zero) {
            throw failed(what, "·", factors, "is more than can be counted, 2^63 − 1");
        }
        return zero ? 0 : product;
    }

    /**
     * {@return a sum of counts}
     *
     * @param what is counted, for the message
     * @param one at least 0
     * @param other at least 0
     * @throws ArithmeticException if a count is negative or the sum is above 2⁶³ − 1
     */
    public static long sum(String what, long one, long other) {
        long sum = one + other;
        if ((one | other | sum) < 0) {
            throw failed(what, "+", new long[] {one, other}, one < 0 || other < 0 ? "has a part below 0"
                    : "is more than can be counted, 2^63 − 1");
        }
        return sum;
    }

    private static ArithmeticException failed(String what, String operator, long[] parts, String how) {
        return new ArithmeticException(what + ": " + Arrays.stream(parts).mapToObj(Long::toString)
                .collect(Collectors.joining(" " + operator + " ")) + " " + how + "; look for a number of images, epochs, rounds or devices "
                + "that cannot be meant");
    }
}
