package dev.fedtiny.benchmarks.jmh;

import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.ModelState;
import java.io.IOException;
import java.nio.file.Path;

/** The network whose weights benchmarks take: a freshly initialised one of full width, or a trained one from a file. */
final class BenchmarkModel {
    /** The property that names a model file. */
    static final String FILE_PROPERTY = "dev.fedtiny.benchmarks.model";

    private BenchmarkModel() {
    }

    /**
     * The network of an architecture.
     *
     * @throws IllegalArgumentException if there is a model file, but it cannot be read or holds another architecture
     */
    static ModelState of(String architecture) {
        String file = System.getProperty(FILE_PROPERTY, "");
        if (file.isEmpty()) {
            return Initializer.initialize(Architecture.ofKey(architecture).usual().build(), 1);
        }
        try {
            ModelState state = ModelFile.load(Path.of(file));
            String found = state.network().spec().map(spec -> spec.architecture().key()).orElse("an unknown network");
            if (!found.equals(architecture)) {
                throw new IllegalArgumentException("the model " + file + " is " + found + ", the benchmark is of " + architecture
                        + "; choose with --models or --layers");
            }
            return state;
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read the model " + file + ": " + e.getMessage(), e);
        }
    }
}
