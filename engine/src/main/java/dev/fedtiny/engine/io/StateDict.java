package dev.fedtiny.engine.io;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.model.ModelState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Takes from a file of tensors what fits a network, and leaves the rest: what PyTorch calls {@code load_state_dict(strict=False)}. For
 * training on from a model of other classes (another head), of another wrapper, or with parts that the network has not. Where everything
 * must fit, {@link ModelFile#load(Path, dev.fedtiny.engine.model.Network)} says what does not.
 */
public final class StateDict {
    private StateDict() {
    }

    /**
     * What was loaded, and what was not.
     *
     * @param state values and masks of the file where it has them, of the starting state elsewhere
     * @param prefix what all keys of the file that belong to the network begin with; often empty
     * @param kept parameters that stayed as they were, since the file has not what they need or has it in another shape
     * @param otherShapes one sentence for each tensor of another shape
     * @param unused tensors of the file that the network has no place for
     */
    public record Loaded(ModelState state, String prefix, List<String> kept, List<String> otherShapes, List<String> unused) {
        /** Keeps its own copies. */
        public Loaded {
            kept = List.copyOf(kept);
            otherShapes = List.copyOf(otherShapes);
            unused = List.copyOf(unused);
        }

        /** {@return whether everything fitted: every parameter was found and no tensor is left over} */
        public boolean complete() {
            return kept.isEmpty() && unused.isEmpty();
        }

        /** {@return what did not fit, in one sentence a kind of difference; none where everything did} */
        public List<String> report() {
            List<String> sentences = new ArrayList<>();
            if (!kept.isEmpty()) {
                sentences.add(kept.size() + " of " + state.network().parameters().size() + " tensors keep their starting values: "
                        + StateDictProblems.listed(kept, name -> name, "in all"));
            }
            if (!otherShapes.isEmpty()) {
                sentences.add(StateDictProblems.listed(otherShapes, problem -> problem, "other shapes"));
            }
            if (!unused.isEmpty()) {
                sentences.add(unused.size() + " tensors of the file are not used: " + StateDictProblems.listed(unused, name -> name,
                        "in all"));
            }
            return sentences;
        }
    }

    /**
     * As {@link #load(Path, ModelState, ModelFile.Zeros, UnaryOperator)}, with keys as they are and zeros by type.
     *
     * @param file a safetensors file
     * @param start a state of the network; not changed
     * @return the state and what did not fit
     * @throws IOException if the file cannot be read or holds nothing that fits
     */
    public static Loaded load(Path file, ModelState start) throws IOException {
        return load(file, start, ModelFile.Zeros.BY_TYPE, UnaryOperator.identity());
    }

    /**
     * Loads what fits.
     *
     * @param start a state of the network, for example of {@link dev.fedtiny.engine.model.Initializer}: what the file has not stays
     * @param zeros what zeros mean
     * @param renaming gives every key of the file the name it is looked for by, before common prefixes are taken off
     * @param file a safetensors file
     * @return the state and what did not fit
     * @throws SafetensorsException if the file is malformed, holds no tensor that fits, or a value that is not finite
     * @throws IOException if it cannot be read
     */
    public static Loaded load(Path file, ModelState start, ModelFile.Zeros zeros, UnaryOperator<String> renaming) throws IOException {
        Given.notNull(zeros, "state dict: zeros", "BY_TYPE, PRUNED or KEPT");
        Given.notNull(start, "state dict: start", "a state of the network, for example of Initializer");
        Given.notNull(renaming, "state dict: renaming", "names by those of the file, UnaryOperator.identity() for the same");
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            return new ModelDecoder(tensors, start.network(), zeros, renaming).decodeInto(start);
        }
    }
}
