package dev.fedtiny.engine.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.tensor.Shape;
import java.math.BigInteger;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Counts are right or refused, never wrapped around. */
class ExactTest {
    private static final long MOST = Long.MAX_VALUE;

    @Test
    void productsAreThoseOfBigIntegersOrNamed() {
        long[] values = {0, 1, 2, 3, 7, 1L << 20, (1L << 31) - 1, 1L << 32, 3037000499L, 3037000500L, 1L << 62, MOST - 1, MOST};
        for (long a : values) {
            for (long b : values) {
                for (long c : new long[] {0, 1, 2, 5}) {
                    BigInteger exact = BigInteger.valueOf(a).multiply(BigInteger.valueOf(b)).multiply(BigInteger.valueOf(c));
                    if (exact.bitLength() <= 63) {
                        assertEquals(exact.longValueExact(), Exact.product("x", a, b, c), a + " " + b + " " + c);
                    } else {
                        String message = assertThrows(ArithmeticException.class,
                                () -> Exact.product("x (a · b · c)", a, b, c)).getMessage();
                        assertTrue(message.startsWith("x (a · b · c): " + a + " · " + b + " · " + c + " is more than"), message);
                    }
                }
            }
        }
        assertThrows(ArithmeticException.class, () -> Exact.product("x", 3, -1));
    }

    @Test
    void sumsAreExactOrNamed() {
        assertEquals(MOST, Exact.sum("x", MOST - 5, 5));
        String message = assertThrows(ArithmeticException.class, () -> Exact.sum("bytes", MOST, 1)).getMessage();
        assertTrue(message.startsWith("bytes: 9223372036854775807 + 1 is more than"), message);
        assertThrows(ArithmeticException.class, () -> Exact.sum("x", -1, 5));
    }

    @Test
    void flopsOfAbsurdNumbersOfImagesAreNamed() {
        ModelState model = Initializer.initialize(new NetworkSpec(Architecture.ofKey("resnet18"), new Shape(3, 32, 32), 64, 10).build(), 1);
        long macs = ExactCost.forwardMacs(model);
        assertEquals(555_422_720, macs);
        long most = MOST / 2 / macs;
        assertEquals(2 * most * macs, ExactCost.forwardFlops(model, most));
        String message = assertThrows(ArithmeticException.class, () -> ExactCost.forwardFlops(model, most + 1)).getMessage();
        assertTrue(message.contains("FLOPs of forward passes (2 · images · multiply-adds of an image): 2 · " + (most + 1) + " · 555422720"),
                message);
        assertThrows(ArithmeticException.class, () -> ExactCost.trainingFlops(model, (1L << 31) * 65536));
        ModelState pruned = model;
        assertEquals(0, ExactCost.growthFlops(pruned, model.network().prunable(), MOST), "nothing is pruned");
    }

    @Test
    void readingsOfAMeterAddUpExactly() {
        OperatorCost cost = new OperatorCost("conv", PassKind.FORWARD, 1, 1, 1, MOST, 1, 1, 1, 1);
        MeterReading reading = new MeterReading(List.of(cost), 1, MOST, 1, 1, OptionalLong.empty());
        String message = assertThrows(ArithmeticException.class, () -> reading.plus(reading)).getMessage();
        assertTrue(message.startsWith("useful multiply-adds of conv: "), message);
        MeterReading two = new MeterReading(List.of(cost, new OperatorCost("fc", PassKind.FORWARD, 1, 1, 1, 1, 1, 1, 1, 1)), 1, 1, 1, 1,
                OptionalLong.empty());
        assertThrows(ArithmeticException.class, () -> two.total(OperatorCost::usefulMacs));
        assertEquals(2, two.total(OperatorCost::executedMacs));
    }
}
