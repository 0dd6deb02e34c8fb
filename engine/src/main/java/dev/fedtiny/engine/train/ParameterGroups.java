package dev.fedtiny.engine.train;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.layer.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * An optimiser with other settings for some parameters, as PyTorch's parameter groups. The first group that has a parameter counts; those
 * in no group are updated by the rule given first:
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

    private record Group(Predicate<Parameter> members, UpdateRule rule, double rateFactor) {
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
        return with(Parameter.named(names), rule, rateFactor);
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
        if (!(rateFactor >= 0 && Double.isFinite(rateFactor))) {
            throw new IllegalArgumentException("parameter groups: rate factor " + rateFactor + ", must be at least 0 and finite");
        }
        Given.notNull(members, "parameter groups: members", "which parameters are of the group");
        Given.notNull(rule, "parameter groups: rule", "what updates the group, for example an Sgd");
        List<Group> more = new ArrayList<>(groups);
        more.add(new Group(members, rule, rateFactor));
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
}
