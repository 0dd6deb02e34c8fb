package dev.fedtiny.engine.session;

import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What sessions of tests compute in. */
final class Forms {
    /** Winograd's transform wherever it has a form, else dense. */
    static final AlgorithmPolicy WINOGRAD = new AlgorithmPolicy.Transformed(new AlgorithmPolicy.Always(ConvolutionAlgorithm.DENSE),
            Set.of(Mode.values()), 0, 1);
    /** CSR unless nothing is pruned, and Winograd's transform for the gradients of all positions of a layer that grows. */
    static final AlgorithmPolicy GROWN = new AlgorithmPolicy.Transformed(new AlgorithmPolicy.Always(ConvolutionAlgorithm.CSR),
            Set.of(Mode.TRAINING), 1, 1);

    private Forms() {
    }

    /** Every form, one after the other. */
    static List<AlgorithmPolicy> all() {
        return Stream.concat(ConvolutionAlgorithm.STORED.stream().map(AlgorithmPolicy.Always::new), Stream.of(WINOGRAD)).toList();
    }
}
