package dev.fedtiny.method;

import java.util.List;
import java.util.Optional;

/**
 * What happened before the first round.
 *
 * @param pretraining on the public set
 * @param selection FedTiny's stage one; empty when the method has none or had nothing to choose
 * @param scoring the server's choice of a mask by scores; empty when the method has none
 * @param density of the model of the first round
 * @param layers active counts of the model of the first round, input first
 * @param warnings sentences the user should see
 */
public record InitReport(PretrainingReport pretraining, Optional<SelectionReport> selection, Optional<ScoringReport> scoring,
        double density, List<LayerCount> layers, List<String> warnings) {
    /** Keeps its own copies. */
    public InitReport {
        layers = List.copyOf(layers);
        warnings = List.copyOf(warnings);
    }
}
