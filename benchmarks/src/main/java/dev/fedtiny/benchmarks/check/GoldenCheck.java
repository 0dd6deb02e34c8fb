package dev.fedtiny.benchmarks.check;

import dev.fedtiny.engine.io.SafetensorsException;
import dev.fedtiny.engine.io.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/** Runs one reference file: an operator forward and backward, or a few training steps of a network. */
public final class GoldenCheck {
    private GoldenCheck() {
    }

    /**
     * What came out for a file.
     *
     * @param file its name
     * @param deviations one a compared tensor, at least one
     */
    public record Outcome(String file, List<Deviation> deviations) {
        /** Keeps its own copy. */
        public Outcome {
            deviations = List.copyOf(deviations);
        }

        /** The tensor that is nearest to failing, or fails most. */
        public Deviation worst() {
            return deviations.stream().max(Comparator.comparingDouble(d -> Double.isNaN(d.error()) ? Double.MAX_VALUE
                    : d.error() / d.tolerance())).orElseThrow();
        }

        /** Whether every tensor passes. */
        public boolean passes() {
            return deviations.stream().allMatch(Deviation::passes);
        }
    }

    /**
     * Runs a file.
     *
     * @throws SafetensorsException if it is damaged, lacks a tensor or is of no known kind
     */
    public static Outcome run(Path path) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            String op = file.metadata().get("op");
            List<Deviation> deviations = op != null ? OperatorCheck.run(op, file) : TrajectoryCheck.run(file);
            return new Outcome(path.getFileName().toString(), deviations);
        }
    }
}
