package dev.fedtiny.engine.internal.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.internal.kernel.Alignment;
import dev.fedtiny.engine.internal.kernel.ProbeKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.runtime.Workers;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MultiplyAddRatesTest {
    /** Of this process, and of plain loops. */
    static int[] widths() {
        return IntStream.concat(IntStream.of(MultiplyAddRates.widths()), IntStream.of(Float.SIZE)).distinct().toArray();
    }

    /** A loop that left out a chain, a vector or a pass would seem faster than it is. */
    @ParameterizedTest
    @MethodSource("widths")
    void loopsDoEveryMultiplyAdd(int bits) {
        ProbeKernel kernel = KernelRegistry.ofBits(bits).probes();
        assertEquals(bits / Float.SIZE, kernel.lanes());
        assertEquals(45 + 0.25f * ProbeKernel.CHAINS * 7, kernel.multiplyAdds(7, 0.5f, 0.5f));
        int step = ProbeKernel.FED_CHAINS * kernel.lanes();
        int from = Alignment.ORIGIN;
        int to = from + 3 * step;
        int shift = kernel.lanes() / 2;
        float[] weights = new float[kernel.lanes()];
        Arrays.fill(weights, 0.5f);
        float[] data = new float[to + shift + 1];
        Arrays.fill(data, Float.NaN);
        Arrays.fill(data, from, to + shift, 2);
        // What comes back is one lane of all chains: passes times vectors times weight times value.
        assertEquals(4 * 3 * ProbeKernel.FED_CHAINS * 0.5f * 2, kernel.fedMultiplyAdds(data, from, to, 4, shift, weights));
        data[from] = 5;
        int seen = shift == 0 ? 3 : 2;
        assertEquals(3 * 3 * ProbeKernel.FED_CHAINS * 0.5f * 2 + seen * 0.5f * (5 - 2),
                kernel.fedMultiplyAdds(data, from, to, 3, shift, weights), "the second of three passes begins later");
    }

    @ParameterizedTest
    @MethodSource("widths")
    void ratesAreThereInTheOrderAskedFor(int bits) {
        try (Workers workers = Workers.of(2)) {
            MultiplyAddRates rates = MultiplyAddRates.measure(workers, bits, new int[] {64 << 10, 1}, 0.001);
            assertEquals(2, rates.threads());
            assertTrue(rates.registersGflops() > 0);
            assertEquals(64 << 10, rates.fed().getFirst().bytes());
            assertTrue(rates.fed().stream().allMatch(fed -> fed.gflops() > 0));
        }
    }
}
