package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.model.Mode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the maps of a plan and the gradients of its values lie. Time runs forward through the steps and, in training, back again; a tensor
 * lives from the step that computes it to the last that reads it ({@link Lifetimes}), and two that never live at the same time share
 * memory. So the gradients of early layers, the large ones, lie where the maps of late layers have been. Everything is decided before
 * anything is allocated.
 */
public final class PlanMemory {
    /** Slots of scratch are worth a place in the arena from this part of it on. */
    private static final int SLOTS_WORTH_MOVING = 10;

    private final ExecutionPlan plan;
    private final RunContext pass;
    private final Lifetimes lifetimes;
    private final ArenaPlan arena;
    /** Bytes of the arena's maps, as if there were no gradients. */
    private final long mapBytes;

    PlanMemory(ExecutionPlan plan, RunContext pass) {
        this.plan = plan;
        this.pass = pass;
        this.lifetimes = new Lifetimes(plan, pass.mode == Mode.TRAINING);
        // Positions are counted in values, and integers.
        this.arena = new ArenaPlan(Arrays32.limit() / plan.maps().stream().mapToInt(map -> map.storage.valuesAWord()).max().orElse(1));
        requestMaps();
        List<ArenaPlan.Request> gradients = pass.mode == Mode.TRAINING ? requestGradients() : List.of();
        arena.layOut();
        this.mapBytes = withoutGradients(gradients);
        for (Step step : plan.steps) {
            if (step instanceof ConvolutionStep convolution) {
                convolution.findRoom(arena, lifetimes.backward(step.index));
            }
        }
        for (Step step : plan.steps) {
            if (step instanceof ConvolutionStep convolution && convolution.sampled() != null) {
                convolution.sampled().findRoom(arena, pass.capacityGroups);
            }
        }
        if (pass.mode == Mode.TRAINING) {
            findSlots();
        }
    }

    /**
     * Finds room for the largest slots of scratch in dead parts of the arena, where they are a large part of what the session holds. What
     * is not larger than what finds none anyway stays in the {@link Workspace}, where the step before has left it in a cache: moved, it
     * takes a training step some percent more time.
     */
    private void findSlots() {
        List<ConvolutionStep> convolutions = plan.steps.stream().filter(ConvolutionStep.class::isInstance).map(ConvolutionStep.class::cast)
                .toList();
        long largest = convolutions.stream().mapToLong(ConvolutionStep::inputOutside).max().orElse(0)
                + convolutions.stream().mapToLong(ConvolutionStep::gradientOutside).max().orElse(0);
        if (SLOTS_WORTH_MOVING * largest < arena.floats()) {
            return;
        }
        convolutions.forEach(step -> step.findSlots(arena, lifetimes.backward(step.index)));
        long input = convolutions.stream().mapToLong(ConvolutionStep::inputOutside).max().orElse(0);
        long gradient = convolutions.stream().mapToLong(ConvolutionStep::gradientOutside).max().orElse(0);
        convolutions.forEach(step -> step.leaveSlots(input, gradient));
    }

    /** Floats of the arena that hold a map, or its gradient, as both are stored. */
    private long words(StoredActivation map) {
        return (long) pass.capacityGroups * map.groupWords();
    }

    private void requestMaps() {
        for (StoredActivation map : plan.maps()) {
            if (map != plan.images) {
                arena.request(words(map), map.producer, lifetimes.last(map), (data, origin) -> {
                    map.data = data;
                    map.origin = origin * map.storage.valuesAWord();
                });
            }
        }
    }

    /** Values whose gradients are one buffer share a request. */
    private List<ArenaPlan.Request> requestGradients() {
        Map<FusedInput, List<FusedInput>> shared = new LinkedHashMap<>();
        for (FusedInput value : plan.values()) {
            if (value.needsGradient()) {
                shared.computeIfAbsent(value.gradientOwner(), owner -> new ArrayList<>()).add(value);
            }
        }
        List<ArenaPlan.Request> requests = new ArrayList<>();
        shared.forEach((root, members) -> requests.add(arena.request(words(root.map), lifetimes.gradientFirst(root),
                lifetimes.gradientLast(root, members), (data, origin) -> members.forEach(member -> {
                    member.gradient = data;
                    member.gradientOrigin = origin * member.map.storage.valuesAWord();
                }))));
        return requests;
    }

    /** Lays the maps out by themselves, and everything again. */
    private long withoutGradients(List<ArenaPlan.Request> gradients) {
        gradients.forEach(arena::withdraw);
        arena.layOut();
        long bytes = arena.bytes();
        gradients.forEach(arena::restore);
        arena.layOut();
        return Math.min(bytes, arena.bytes());
    }

    /** Allocates everything. */
    public void allocate() {
        plan.images.data = new float[Math.toIntExact(words(plan.images))];
        arena.allocate();
    }

    /**
     * Bytes of everything, by what it is for. Where gradients lie in the place of maps, they count as far as they need more than the maps
     * do.
     */
    public Map<MemoryCategory, Long> bytes() {
        Map<MemoryCategory, Long> bytes = new EnumMap<>(MemoryCategory.class);
        bytes.put(MemoryCategory.BATCH, 4 * words(plan.images));
        bytes.put(MemoryCategory.ACTIVATIONS, mapBytes);
        bytes.put(MemoryCategory.ACTIVATION_GRADIENTS, arena.bytes() - mapBytes);
        return bytes;
    }
}
