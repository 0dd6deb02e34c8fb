package dev.fedtiny.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Figures of the papers on ResNet18 with 5,000 images a device, 5 epochs, batch 64; to the digits that are published. */
class PaperCostTest {
    private static final Network RESNET18 = new NetworkSpec(Architecture.RESNET18, new Shape(3, 32, 32), 64, 10).build();

    private static PaperCost at(double density) {
        return new PaperCost(RESNET18, density, 5000, 5, 64);
    }

    private static String digits(double value, int digits) {
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }

    @Test
    void denseRound() {
        assertEquals(1_110_845_440, at(1).denseForwardFlops());
        assertEquals(395, at(1).steps());
        assertEquals("8.3313e+13", String.format(Locale.ROOT, "%.4e", at(0.01).denseRoundFlops()));
        assertEquals(at(0.01).denseRoundFlops(), at(0.01).maxDeviceRoundFlops(CostClass.DENSE));
        for (CostClass costClass : CostClass.values()) {
            assertEquals(1, at(1).ratioToDense(costClass), 1e-12);
        }
    }

    @Test
    void headline() {
        PaperCost cost = at(0.01);
        assertEquals("0.01315", digits(cost.sparseForwardFlops() / cost.denseForwardFlops(), 5));
        double fedTiny = cost.ratioToDense(CostClass.GROWTH_IN_ONE_BATCH);
        double pruneFl = cost.ratioToDense(CostClass.DENSE_GRADIENT_EVERY_STEP);
        assertEquals("0.01399", digits(fedTiny, 5));
        assertEquals("0.3421", digits(pruneFl, 4));
        assertEquals("95.91", digits(100 * (1 - fedTiny / pruneFl), 2));
        assertEquals(cost.sparseForwardFlops() / cost.denseForwardFlops(), cost.ratioToDense(CostClass.STATIC), 1e-15);
    }

    @ParameterizedTest
    @CsvSource({"0.005, 0.0090, 0.339", "0.003, 0.0070, 0.3375", "0.001, 0.0050, 0.336"})
    void ratiosAtLowerDensities(double density, String fedTiny, String pruneFl) {
        assertEquals(fedTiny, digits(at(density).ratioToDense(CostClass.GROWTH_IN_ONE_BATCH), 4));
        assertEquals(pruneFl, digits(at(density).ratioToDense(CostClass.DENSE_GRADIENT_EVERY_STEP), pruneFl.length() - 2));
    }

    @ParameterizedTest
    @CsvSource({"0.1, 5.91, 6.26", "0.01, 1.887, 0.673", "0.001, 1.485, 0.113"})
    void storedSizes(double density, String bitmask, String csr) {
        int places = bitmask.length() - 2;
        assertEquals("44.696", digits(at(density).denseBytes() / 1e6, 3));
        assertEquals(bitmask, digits(at(density).bitmaskBytes() / 1e6, places));
        assertEquals(csr, digits(at(density).csrBytes() / 1e6, places));
    }

    @Test
    void memory() {
        PaperCost cost = at(0.01);
        double fedTiny = cost.memoryBytes(CostClass.GROWTH_IN_ONE_BATCH);
        double pruneFl = cost.memoryBytes(CostClass.DENSE_GRADIENT_EVERY_STEP);
        assertEquals("90.79", digits(cost.memoryBytes(CostClass.DENSE) / 1e6, 2));
        assertEquals("46.58", digits(pruneFl / 1e6, 2));
        assertEquals("2.78", digits(fedTiny / 1e6, 2));
        double fixed = cost.memoryBytes(CostClass.STATIC);
        assertEquals("0.492", digits((fixed - cost.bitmaskBytes()) / 1e6, 3));
        assertEquals("0.402", digits((fedTiny - fixed) / 1e6, 3));
        assertEquals("94.03", digits(100 * (1 - fedTiny / pruneFl), 2));
    }

    @Test
    void impossibleDensitiesAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> at(0));
    }
}
