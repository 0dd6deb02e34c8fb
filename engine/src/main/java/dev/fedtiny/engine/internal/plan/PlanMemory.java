package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.model.ActivationStorage;
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
    private final ExecutionPlan plan;
    private final RunContext pass;
    private final Lifetimes lifetimes;
    private final ArenaPlan arena = new ArenaPlan(Arrays32.limit());
    private final List<StoredActivation> halves = new ArrayList<>();
    /** Bytes of the arena's maps, as if there were no gradients. */
    private final long mapBytes;

    PlanMemory(ExecutionPlan plan, RunContext pass, ActivationStorage activations) {
        this.plan = plan;
        this.pass = pass;
        this.lifetimes = new Lifetimes(plan, pass.mode == Mode.TRAINING);
        Map<StoredActivation, ArenaPlan.Request> maps = requestMaps();
        List<ArenaPlan.Request> gradients = pass.mode == Mode.TRAINING ? requestGradients() : List.of();
        arena.layOut();
        if (pass.mode == Mode.TRAINING && activations == ActivationStorage.FLOAT16) {
            halve(maps);
        }
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
    }

    private long floats(StoredActivation map) {
        return (long) pass.capacityGroups * map.groupFloats;
    }

    private Map<StoredActivation, ArenaPlan.Request> requestMaps() {
        Map<StoredActivation, ArenaPlan.Request> requests = new LinkedHashMap<>();
        for (StoredActivation map : plan.maps()) {
            if (map != plan.images) {
                requests.put(map, arena.request(floats(map), map.producer, lifetimes.last(map), (data, origin) -> {
                    map.data = data;
                    map.origin = origin;
                }));
            }
        }
        return requests;
    }

    /** Values whose gradients are one buffer share a request. */
    private List<ArenaPlan.Request> requestGradients() {
        Map<FusedInput, List<FusedInput>> shared = new LinkedHashMap<>();
        for (FusedInput value : plan.values()) {
            if (value.needsGradient()) {
                FusedInput root = value;
                while (root.link == FusedInput.Link.SHARED) {
                    root = root.next;
                }
                shared.computeIfAbsent(root, r -> new ArrayList<>()).add(value);
            }
        }
        List<ArenaPlan.Request> requests = new ArrayList<>();
        shared.forEach((root, members) -> requests.add(arena.request(floats(root.map), lifetimes.gradientFirst(root),
                lifetimes.gradientLast(root, members), (data, origin) -> members.forEach(member -> {
                    member.gradient = data;
                    member.gradientOrigin = origin;
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

    /** Halves every map but those whose single precision would take no more than the half one does, later maps asked first. */
    private void halve(Map<StoredActivation, ArenaPlan.Request> stored) {
        List<StoredActivation> candidates = new ArrayList<>();
        for (Map.Entry<StoredActivation, ArenaPlan.Request> entry : stored.entrySet()) {
            StoredActivation map = entry.getKey();
            if (map != plan.logits.map && !(plan.steps.get(map.producer) instanceof LinearStep)) {
                arena.withdraw(entry.getValue());
                candidates.addFirst(map);
            }
        }
        long before = arena.layOut();
        for (StoredActivation map : candidates) {
            ArenaPlan.Request request = stored.get(map);
            arena.restore(request);
            long after = arena.layOut();
            if (2 * (after - before) <= request.floats()) {
                before = after;
            } else {
                arena.withdraw(request);
                map.half = new HalfActivation(map, pass);
                halves.add(map);
            }
        }
        arena.layOut();
    }

    /** Allocates everything. */
    public void allocate() {
        plan.images.data = new float[Math.toIntExact(floats(plan.images))];
        halves.forEach(map -> map.half.allocate());
        arena.allocate();
    }

    /**
     * Bytes of everything, by what it is for. Where gradients lie in the place of maps, they count as far as they need more than the maps
     * do.
     */
    public Map<MemoryCategory, Long> bytes() {
        long halfBytes = halves.stream().mapToLong(map -> map.half.bytes()).sum();
        Map<MemoryCategory, Long> bytes = new EnumMap<>(MemoryCategory.class);
        bytes.put(MemoryCategory.BATCH, 4 * floats(plan.images));
        bytes.put(MemoryCategory.ACTIVATIONS, mapBytes + halfBytes);
        bytes.put(MemoryCategory.ACTIVATION_GRADIENTS, arena.bytes() - mapBytes);
        return bytes;
    }
}
