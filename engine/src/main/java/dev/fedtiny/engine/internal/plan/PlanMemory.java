package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.model.Mode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Where the maps of a plan and the gradients of its values lie. Time runs forward through the steps and, in training, back again; a tensor
 * lives from the step that computes it to the last that reads it ({@link Lifetimes}), and two that never live at the same time share
 * memory. So the gradients of early layers, the large ones, lie where the maps of late layers have been. Everything is decided before
 * anything is allocated.
 */
public final class PlanMemory {
    /** Slots of scratch are worth a place in the arena from this part of it on. */
    private static final int SLOTS_WORTH_MOVING = 10;
    /** All of them are worth it from this part of what would be held otherwise on. */
    private static final int SAVING_WORTH_MOVING = 20;

    private final ExecutionPlan plan;
    private final RunContext pass;
    private final Lifetimes lifetimes;
    private final ArenaPlan arena;
    /** The arena of maps that lie in bands, a copy a band: what a thread writes has not been the other's before. */
    private final ArenaPlan bands;
    /** Bytes of the arena's maps, as if there were no gradients. */
    private final long mapBytes;
    /** Bytes by which the arena is larger for scratch. */
    private final long scratchBytes;

    PlanMemory(ExecutionPlan plan, RunContext pass) {
        this.plan = plan;
        this.pass = pass;
        this.lifetimes = new Lifetimes(plan, pass.mode == Mode.TRAINING);
        // Positions are counted in values, and integers.
        this.arena = new ArenaPlan(Arrays32.limit() / plan.maps().stream().mapToInt(map -> map.storage.valuesAWord()).max().orElse(1));
        this.bands = new ArenaPlan(Arrays32.limit(), 2);
        requestMaps();
        arena.layOut();
        bands.layOut();
        long maps = arena.bytes();
        if (pass.mode == Mode.TRAINING) {
            requestGradients();
            arena.layOut();
        }
        long shared = arena.bytes();
        layOut(convolutions());
        this.scratchBytes = Math.max(0, arena.bytes() - shared);
        // What is laid out for more may take less than the maps by themselves.
        this.mapBytes = Math.min(maps, arena.bytes() - scratchBytes);
    }

    private List<ConvolutionStep> convolutions() {
        return plan.steps.stream().filter(ConvolutionStep.class::isInstance).map(ConvolutionStep.class::cast).toList();
    }

    /**
     * Scratch lies in dead parts of an arena of the maps and gradients alone; where it is a large part of what the session holds and finds
     * no room there, in an arena that is laid out for all of them, if that takes clearly less: slots in the {@link Workspace}, where the
     * step before has left them in a cache, save a training step some percent of its time. Then what is left of the arena in a step's
     * passes is the step's, too: for scratch of dense gradients, and for what is computed before it is rounded.
     */
    private void layOut(List<ConvolutionStep> convolutions) {
        findRoom(convolutions);
        if (pass.mode == Mode.TRAINING && SLOTS_WORTH_MOVING * outside(convolutions) >= arena.floats()) {
            layOutSlots(convolutions);
            // Of what else steps need it is known only with the weights how much it is.
            plan.steps.stream().filter(WeightedStep.class::isInstance).map(WeightedStep.class::cast)
                    .forEach(step -> step.fillRest(arena, lifetimes.backward(step.index)));
        }
    }

    private void layOutSlots(List<ConvolutionStep> convolutions) {
        findSlots(convolutions);
        if (outside(convolutions) == 0) {
            return;
        }
        long found = arena.bytes() + slotBytes();
        convolutions.forEach(step -> step.scratch.requestSlots(arena, lifetimes.backward(step.index)));
        arena.layOut();
        findRoom(convolutions);
        // What holds the batch is asked for by dense weights and growth; where it is in the workspace, slots lie in it for nothing.
        boolean batchOutside = convolutions.stream().map(step -> step.scratch)
                .anyMatch(scratch -> scratch.batchInputOutside() + scratch.batchGradientOutside() > 0);
        if (batchOutside || arena.bytes() + slotBytes() > found - found / SAVING_WORTH_MOVING) {
            convolutions.forEach(step -> step.scratch.withdrawSlots(arena));
            arena.layOut();
            findRoom(convolutions);
            findSlots(convolutions);
        }
    }

    /** Looks for room for scratch that holds the batch, and for what an earlier step keeps for a later one. */
    private void findRoom(List<ConvolutionStep> convolutions) {
        convolutions.forEach(step -> step.scratch.findRoom(arena, lifetimes.backward(step.index)));
        convolutions.stream().map(ConvolutionStep::sampled).filter(Objects::nonNull)
                .forEach(kept -> kept.findRoom(kept.isBanded() ? bands : arena, pass.capacityGroups));
    }

    /**
     * Finds room for the largest slots of scratch in dead parts of the arena. What is not larger than what finds none anyway stays in the
     * workspace.
     */
    private void findSlots(List<ConvolutionStep> convolutions) {
        convolutions.forEach(step -> step.scratch.findSlots(arena, lifetimes.backward(step.index)));
        long input = inputOutside(convolutions);
        long gradient = gradientOutside(convolutions);
        convolutions.forEach(step -> step.scratch.leaveSlots(input, gradient));
    }

    /** Floats of slots without room in the arena. */
    private static long outside(List<ConvolutionStep> convolutions) {
        return inputOutside(convolutions) + gradientOutside(convolutions);
    }

    private static long inputOutside(List<ConvolutionStep> convolutions) {
        return convolutions.stream().mapToLong(step -> step.scratch.inputOutside()).max().orElse(0);
    }

    private static long gradientOutside(List<ConvolutionStep> convolutions) {
        return convolutions.stream().mapToLong(step -> step.scratch.gradientOutside()).max().orElse(0);
    }

    /** Bytes of the workspace for slots of all steps. */
    private long slotBytes() {
        Workspace slots = new Workspace(pass.threads());
        plan.steps.forEach(step -> step.reserveSlots(slots, 0));
        return slots.plannedBytes();
    }

    /** Floats of the arena that hold a map, or its gradient, as both are stored. */
    private long words(StoredActivation map) {
        return (long) pass.capacityGroups * map.groupWords();
    }

    private void requestMaps() {
        for (StoredActivation map : plan.maps()) {
            if (map != plan.images) {
                boolean banded = map.layout.bands() > 1;
                (banded ? bands : arena).request(words(map), map.producer, lifetimes.last(map), (data, origin) -> map.lie(data,
                        origin * map.storage.valuesAWord(), banded ? bands.copyFloats(data) : map.groupFloats));
            }
        }
    }

    /** Values whose gradients are one buffer share a request. */
    private void requestGradients() {
        Map<FusedInput, List<FusedInput>> shared = new LinkedHashMap<>();
        for (FusedInput value : plan.values()) {
            if (value.needsGradient()) {
                shared.computeIfAbsent(value.gradientOwner(), owner -> new ArrayList<>()).add(value);
            }
        }
        shared.forEach((root, members) -> arena.request(words(root.map), lifetimes.gradientFirst(root),
                lifetimes.gradientLast(root, members), (data, origin) -> members.forEach(member -> {
                    member.gradient = data;
                    member.gradientOrigin = origin * member.map.storage.valuesAWord();
                })));
    }

    /** Allocates everything. */
    public void allocate() {
        if (plan.bytes != null) {
            plan.bytes.allocate();
        }
        if (plan.images.bytes == null) {
            plan.images.data = new float[Math.toIntExact(words(plan.images))];
        }
        arena.allocate();
        bands.allocate();
    }

    /**
     * Bytes of everything, by what it is for. Where gradients lie in the place of maps, they count as far as they need more than the maps
     * do, and scratch as far as it needs more than both.
     */
    public Map<MemoryCategory, Long> bytes() {
        Map<MemoryCategory, Long> bytes = new EnumMap<>(MemoryCategory.class);
        bytes.put(MemoryCategory.BATCH, (plan.images.bytes == null ? 4 * words(plan.images) : 0)
                + (plan.bytes == null ? 0 : plan.bytes.bytes()));
        bytes.put(MemoryCategory.ACTIVATIONS, mapBytes + bands.bytes());
        bytes.put(MemoryCategory.ACTIVATION_GRADIENTS, arena.bytes() - mapBytes - scratchBytes);
        bytes.put(MemoryCategory.WORKSPACE, scratchBytes);
        return bytes;
    }
}
