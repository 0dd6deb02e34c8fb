package dev.fedtiny.benchmarks.comparison;

import dev.fedtiny.benchmarks.heap.HeapCell;
import dev.fedtiny.cost.CostClass;
import dev.fedtiny.cost.PaperCost;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.experiment.Estimate;
import dev.fedtiny.method.AdjustmentSettings;
import dev.fedtiny.settings.SettingSpec;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One of those compared.
 *
 * @param name in tables
 * @param cell its device: model, method, density and batch
 * @param images of the device
 */
public record Candidate(String name, HeapCell cell, int images) {
    /** The same device with an ordinary and an adjusting round in turn, where the method adjusts. */
    HeapCell alternating() {
        Map<SettingSpec<?>, String> extra = new LinkedHashMap<>();
        extra.putAll(cell.extra());
        extra.put(AdjustmentSettings.EVERY, "2");
        return new HeapCell(cell.model(), cell.width(), cell.method(), cell.density(), cell.batch(), cell.line(), extra);
    }

    /** Under this key its rounds are kept. */
    String roundsKey() {
        return "rounds of " + images + " images, " + alternating().key();
    }

    private CostClass costClass() {
        return Estimate.costClass(cell.experiment());
    }

    private PaperCost paper(Network network) {
        return new PaperCost(network, cell.experiment().method().promise().density(), images, 1, Integer.parseInt(cell.batch()));
    }

    /** FLOPs of its most expensive round by the papers' formula. */
    double paperFlops(Network network) {
        return paper(network).maxDeviceRoundFlops(costClass());
    }

    /** Parameters and gradients by the paper's formula, bytes. */
    double paperMemoryBytes(Network network) {
        return paper(network).memoryBytes(costClass());
    }
}
