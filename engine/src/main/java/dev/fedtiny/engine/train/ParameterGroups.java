package dev.fedtiny.engine.train;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.check.Names;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.session.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * An optimiser with other settings for some parameters, as PyTorch's parameter groups. The first group that has a parameter counts; those
 * in no group are updated by the rule given first. A name that no parameter has is refused where the optimiser meets its network:
 * {@snippet :
 * Optimizer optimizer = new ParameterGroups(new Sgd(0.9, 1e-4))
 *         .with("*.bias", new Sgd(0.9, 0))          // biases do not decay
 *         .with("head.*", new Sgd(0.9, 1e-4), 10);  // the head learns ten times as fast
 * }
 * A group may have another rule altogether.
 */
public final class ParameterGroups implements Optimizer {
    private final UpdateRule other;
    private final List<Group> groups;

    /**
     * One group.
     *
     * @param names what its members are called; null where they follow another rule
     */
    private record Group(String names, Predicate<Parameter> members, UpdateRule rule, double rateFactor) {
    }

    private ParameterGroups(UpdateRule other, List<Group> groups) {
        this.other = other;
        this.groups = groups;
    }

    /**
     * No groups yet.
     *
     * @param other the rule of parameters that are in no group
     */
    public ParameterGroups(UpdateRule other) {
        this(Given.notNull(other, "parameter groups: other", "the rule of parameters that are in no group"), List.of());
    }

    /**
     * With a further group whose learning rate is the step's.
     *
     * @param names {@code state_dict} names of its parameters; {@code *} stands for any characters
     * @param rule that updates them
     * @return these groups and the new one, behind them
     */
    public ParameterGroups with(String names, UpdateRule rule) {
        return with(names, rule, 1);
    }

    /**
     * With a further group.
     *
     * @param names {@code state_dict} names of its parameters; {@code *} stands for any characters
     * @param rule that updates them
     * @param rateFactor what the step's learning rate is multiplied by; at least 0 and finite
     * @return these groups and the new one, behind them
     */
    public ParameterGroups with(String names, UpdateRule rule, double rateFactor) {
        return with(names, Parameter.named(names), rule, rateFactor);
    }

    /**
     * With a further group.
     *
     * @param members whether a parameter is in it; always the same answer
     * @param rule that updates them
     * @param rateFactor what the step's learning rate is multiplied by; at least 0 and finite
     * @return these groups and the new one, behind them
     */
    public ParameterGroups with(Predicate<Parameter> members, UpdateRule rule, double rateFactor) {
        return with(null, members, rule, rateFactor);
    }

    private ParameterGroups with(String names, Predicate<Parameter> members, UpdateRule rule, double rateFactor) {
        if (!(rateFactor >= 0 && Double.isFinite(rateFactor))) {
            throw new IllegalArgumentException("parameter groups: rate factor " + rateFactor + ", must be at least 0 and finite");
        }
        Given.notNull(members, "parameter groups: members", "which parameters are of the group");
        Given.notNull(rule, "parameter groups: rule", "what updates the group, for example an Sgd");
        List<Group> more = new ArrayList<>(groups);
        more.add(new Group(names, members, rule, rateFactor));
        return new ParameterGroups(other, List.copyOf(more));
    }

    @Override
    public UpdateRule rule(Parameter parameter) {
        for (Group group : groups) {
            if (group.members().test(parameter)) {
                return group.rule();
            }
        }
        return other;
    }

    @Override
    public double rateFactor(Parameter parameter) {
        for (Group group : groups) {
            if (group.members().test(parameter)) {
                return group.rateFactor();
            }
        }
        return 1;
    }

    /**
     * As of any optimiser.
     *
     * @throws IllegalArgumentException if the session is not of mode TRAINING, or a group has names that no parameter of its network has
     */
    @Override
    public Updater bind(Session session) {
        checkNames(Given.notNull(session, "optimizer: session", "an open session of mode TRAINING").network());
        return Optimizer.super.bind(session);
    }

    /**
     * As of any optimiser.
     *
     * @throws IllegalArgumentException if a group has names that no parameter of the network has
     */
    @Override
    public long stateBytes(Network network, int[] kept) {
        checkNames(Given.notNull(network, "optimizer: network", "a network: of a NetworkSpec, a builder or a model file"));
        return Optimizer.super.stateBytes(network, kept);
    }

    /** A name that nobody has is misspelt, or of another network: its parameters would be updated by another group's rule. */
    private void checkNames(Network network) {
        for (Group group : groups) {
            if (group.names() != null) {
                Names.check(network.parameters().stream().anyMatch(group.members()), "parameter groups", group.names(),
                        network.parameters().stream().map(Parameter::name).toList());
            }
        }
    }
}
