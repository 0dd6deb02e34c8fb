package dev.fedtiny.engine.internal.plan;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * From when to when maps and gradients are used. Step i's forward pass is time i, the loss is the number of steps, and backward passes
 * follow in the steps' reverse order. A map is used until the last forward pass that reads it, and in training until the last backward pass
 * that looks at it: that of a step which reads a value computed from it, as far as this is differentiated by its input; that which closes
 * the gradient of such a value; that of its own step, where the gradient goes through a normalisation or by the output. Below the first
 * trained layer nothing is looked at again.
 */
final class Lifetimes {
    private final ExecutionPlan plan;
    /** The loss: between the last step's forward and backward pass. */
    private final int turn;
    private final Map<StoredActivation, Integer> last = new HashMap<>();

    Lifetimes(ExecutionPlan plan, boolean training) {
        this.plan = plan;
        this.turn = plan.steps.size();
        plan.maps().forEach(map -> last.put(map, map.producer));
        for (FusedInput value : plan.values()) {
            useChain(value, value.largestReader());
            if (training) {
                useBackward(value);
            }
        }
        if (training) {
            plan.steps.stream().filter(step -> step.runsBackward() && step.differentiatesByOutput())
                    .forEach(step -> use(step.output.map, backward(step.index)));
        }
        plan.outputs.forEach(output -> use(output.map, forever()));
        plan.features.values().forEach(value -> useChain(value, forever()));
    }

    private void useBackward(FusedInput value) {
        for (InputPort port : value.readers) {
            Step reader = plan.steps.get(port.step);
            if (reader.runsBackward() && reader.differentiatesBy(port)) {
                useChain(value, backward(port.step));
            }
        }
        if (!value.needsGradient()) {
            return;
        }
        if (value.clamp != null) {
            useChain(value, backward(value.finish));
        }
        if (value.norm != null) {
            use(value.map, backward(value.map.needsGradient ? value.map.producer : value.finish));
        }
    }

    private void useChain(FusedInput value, int time) {
        for (FusedInput part = value; part != null; part = part.prefix) {
            use(part.map, time);
        }
    }

    private void use(StoredActivation map, int time) {
        last.merge(map, time, Math::max);
    }

    /** When the backward pass of a step is. */
    int backward(int step) {
        return 2 * turn - step;
    }

    /** After everything. */
    private int forever() {
        return 2 * turn + 2;
    }

    /** When a map is used last. */
    int last(StoredActivation map) {
        return last.get(map);
    }

    /** When a gradient begins to be put together. */
    int gradientFirst(FusedInput value) {
        int birth = plan.outputs.contains(value) ? turn : value.largestReader();
        return backward(value.link == FusedInput.Link.COPIED ? Math.max(birth, value.next.finish) : birth);
    }

    /**
     * When a gradient is used last.
     *
     * @param members values that have it in common
     */
    int gradientLast(FusedInput root, List<FusedInput> members) {
        int death = gradientFirst(root);
        for (FusedInput member : members) {
            death = Math.max(death, backward(member.finish));
            if (member.map.needsGradient) {
                death = Math.max(death, member.map == plan.images ? forever() : backward(member.map.producer));
            }
        }
        return death;
    }
}
