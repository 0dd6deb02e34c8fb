package dev.fedtiny.engine.session;

import dev.fedtiny.engine.model.FormatChoice;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.sparse.WeightFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What sessions of tests compute in. */
final class Forms {
    /** Winograd's transform wherever it has a form, else dense. */
    static final FormatChoice WINOGRAD = new FormatChoice.Transformed(new FormatChoice.Always(WeightFormat.DENSE),
            Set.of(Mode.values()), 0, 1);
    /** CSR unless nothing is pruned, and Winograd's transform for the gradients of all positions of a layer that grows. */
    static final FormatChoice GROWN = new FormatChoice.Transformed(new FormatChoice.Always(WeightFormat.CSR), Set.of(Mode.TRAINING), 1, 1);

    private Forms() {
    }

    /** Every form, one after the other. */
    static List<FormatChoice> all() {
        return Stream.concat(Stream.of(WeightFormat.values()).map(FormatChoice.Always::new), Stream.of(WINOGRAD)).toList();
    }
}
