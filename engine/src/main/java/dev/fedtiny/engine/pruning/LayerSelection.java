package dev.fedtiny.engine.pruning;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.check.Names;
import dev.fedtiny.engine.layer.Conv2d;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Which weights of a network are pruned: the prunable ones but for those that are left out. An immutable value:
 * {@snippet :
 * LayerSelection layers = LayerSelection.PRUNABLE.withoutFirst().withoutLast().withoutDepthwise().without("head.*");
 * }
 */
public final class LayerSelection {
    /** All weights that the network calls prunable. */
    public static final LayerSelection PRUNABLE = new LayerSelection(List.of(), List.of());

    private final List<BiPredicate<Network, Integer>> leftOut;
    /** Names among what is left out. */
    private final List<String> named;

    private LayerSelection(List<BiPredicate<Network, Integer>> leftOut, List<String> named) {
        this.leftOut = leftOut;
        this.named = named;
    }

    private LayerSelection and(BiPredicate<Network, Integer> more) {
        List<BiPredicate<Network, Integer>> all = new ArrayList<>(leftOut);
        all.add(more);
        return new LayerSelection(List.copyOf(all), named);
    }

    /**
     * Without the weights of these names.
     *
     * @param names {@code state_dict} name; {@code *} stands for any characters; refused for a network in which no parameter has it
     * @return the smaller selection
     */
    public LayerSelection without(String names) {
        Given.notNull(names, "layer selection: names", "the name of a parameter, or a pattern of names");
        Predicate<Parameter> which = Parameter.named(names);
        return new LayerSelection(and((network, p) -> which.test(network.parameters().get(p))).leftOut,
                Stream.concat(named.stream(), Stream.of(names)).toList());
    }

    /**
     * Without the network's first weight, which reads the images.
     *
     * @return the smaller selection
     */
    public LayerSelection withoutFirst() {
        return and((network, p) -> p.equals(weights(network).getFirst()));
    }

    /**
     * Without the network's last weight, which gives the outputs.
     *
     * @return the smaller selection
     */
    public LayerSelection withoutLast() {
        return and((network, p) -> p.equals(weights(network).getLast()));
    }

    /**
     * Without depthwise convolutions, of which an output reads one of several channels: they have few weights, and hardly any to spare.
     *
     * @return the smaller selection
     */
    public LayerSelection withoutDepthwise() {
        return and((network, p) -> IntStream.range(0, network.layers().size())
                .anyMatch(l -> isDepthwise(network.layers().get(l)) && network.firstParameter(l) == p));
    }

    private static boolean isDepthwise(Layer layer) {
        return layer instanceof Conv2d conv && conv.geometry().groups() > 1
                && conv.geometry().groups() == conv.geometry().input().channels();
    }

    private static List<Integer> weights(Network network) {
        List<Integer> weights = new ArrayList<>();
        for (int p = 0; p < network.parameters().size(); p++) {
            if (network.parameters().get(p).kind().isWeight()) {
                weights.add(p);
            }
        }
        return weights;
    }

    /**
     * The selected weights.
     *
     * @param network whose layers are selected
     * @return positions in {@link Network#parameters()}, ascending
     * @throws IllegalArgumentException if there are none, or weights are left out by a name that no parameter has
     */
    public int[] of(Network network) {
        Given.notNull(network, "layer selection: network", "a network: of a NetworkSpec, a builder or a model file");
        List<Parameter> parameters = network.parameters();
        named.forEach(names -> Names.check(parameters.stream().anyMatch(Parameter.named(names)), "pruning: without", names,
                parameters.stream().map(Parameter::name).toList()));
        int[] selected = network.prunable().stream().filter(p -> leftOut.stream().noneMatch(test -> test.test(network, p)))
                .mapToInt(p -> p).toArray();
        if (selected.length == 0) {
            throw new IllegalArgumentException("pruning: none of the network's " + network.prunable().size()
                    + " prunable weights is selected; leave fewer out");
        }
        return selected;
    }
}
