package dev.fedtiny.engine.model;

import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.Parameter;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** The parameters of a network's layers in {@code state_dict} order: whose they are, what they are called, which of them are trained. */
final class ParameterTable {
    /** Names that a message lists. */
    private static final int MOST_NAMES = 5;

    final List<Parameter> parameters;
    /** Position of each layer's first parameter. */
    final int[] first;
    /** Each parameter's layer. */
    final List<Layer> owners;
    /** Positions by name. */
    final Map<String, Integer> positions;
    /** Positions of the parameters that training leaves as they are. */
    final BitSet frozen;
    /** Whether a trained parameter is in a layer or in one that it depends on. */
    final boolean[] needsGradient;

    ParameterTable(List<Layer> layers, BitSet frozen) {
        this.frozen = frozen;
        this.first = new int[layers.size()];
        List<Parameter> all = new ArrayList<>();
        List<Layer> owning = new ArrayList<>();
        for (int i = 0; i < first.length; i++) {
            first[i] = all.size();
            for (Parameter parameter : layers.get(i).parameters()) {
                all.add(parameter);
                owning.add(layers.get(i));
            }
        }
        this.parameters = List.copyOf(all);
        this.owners = List.copyOf(owning);
        this.positions = new HashMap<>();
        for (int i = 0; i < parameters.size(); i++) {
            if (positions.put(parameters.get(i).name(), i) != null) {
                throw new IllegalArgumentException("network: two parameters are called '" + parameters.get(i).name() + "'");
            }
        }
        this.needsGradient = new boolean[layers.size()];
        for (int i = 0; i < needsGradient.length; i++) {
            Layer layer = layers.get(i);
            needsGradient[i] = layer.sources().stream().anyMatch(source -> needsGradient[source])
                    || IntStream.range(first[i], first[i] + layer.parameters().size()).anyMatch(this::isTrained);
        }
    }

    List<String> names() {
        return parameters.stream().map(Parameter::name).toList();
    }

    boolean isTrained(int parameter) {
        return parameters.get(parameter).kind().trainable() && !frozen.get(parameter);
    }

    IntStream trained() {
        return IntStream.range(0, parameters.size()).filter(this::isTrained);
    }

    /** Those that are frozen, and the trained ones that a rule names; {@code who} says in an error which rule that is. */
    BitSet frozenWith(Predicate<Parameter> which, String who) {
        int[] more = trained().filter(i -> which.test(parameters.get(i))).toArray();
        if (more.length == 0) {
            List<String> names = trained().limit(MOST_NAMES).mapToObj(i -> parameters.get(i).name()).toList();
            throw new IllegalArgumentException("network: nothing to freeze: " + who + " none of the " + trained().count()
                    + " trained parameters, which begin with " + names);
        }
        BitSet all = (BitSet) frozen.clone();
        IntStream.of(more).forEach(all::set);
        return all;
    }
}
