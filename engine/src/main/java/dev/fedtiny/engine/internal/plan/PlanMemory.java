package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.Mode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the maps of a plan and the gradients of its values lie. Time runs forward through the steps and, in training, back again; a tensor
 * lives from the step that computes it to the last that reads it, and two that never live at the same time share memory. So the gradients
 * of early layers, the large ones, lie where the maps of late layers have been. Everything is decided before anything is allocated.
 */
public final class PlanMemory {
    private final ExecutionPlan plan;
    private final RunContext pass;
    /** The loss: between the last step's forward and backward pass. */
    private final int turn;
    private final ArenaPlan arena = new ArenaPlan(Arrays32.limit());
    private final List<StoredActivation> halves = new ArrayList<>();
    private long savedFloats;

    PlanMemory(ExecutionPlan plan, RunContext pass, ActivationStorage activations) {
        this.plan = plan;
        this.pass = pass;
        this.turn = plan.steps.size();
        boolean training = pass.mode == Mode.TRAINING;
        Map<StoredActivation, ArenaPlan.Request> stored = training ? trainingMaps() : passingMaps();
        if (training) {
            requestGradients();
        }
        arena.layOut();
        if (training && activations == ActivationStorage.FLOAT16) {
            halve(stored);
        }
        stored.forEach((map, request) -> savedFloats += map.half == null ? request.floats() : 0);
        if (training) {
            for (Step step : plan.steps) {
                if (step instanceof ConvolutionStep convolution) {
                    convolution.findRoom(arena, backward(step.index));
                }
            }
        }
        for (Step step : plan.steps) {
            if (step instanceof ConvolutionStep convolution && convolution.sampled() != null) {
                convolution.sampled().findRoom(arena, pass.capacityGroups);
            }
        }
    }

    private int backward(int step) {
        return 2 * turn - step;
    }

    private int forever() {
        return 2 * turn + 2;
    }

    private long floats(StoredActivation map) {
        return (long) pass.capacityGroups * map.groupFloats;
    }

    private ArenaPlan.Request request(StoredActivation map, int last) {
        return arena.request(floats(map), map.producer, last, (data, origin) -> {
            map.data = data;
            map.origin = origin;
        });
    }

    /** Maps live until their own step's backward pass; logits can be asked for at any time. */
    private Map<StoredActivation, ArenaPlan.Request> trainingMaps() {
        Map<StoredActivation, ArenaPlan.Request> requests = new LinkedHashMap<>();
        for (StoredActivation map : plan.maps()) {
            if (map != plan.images) {
                requests.put(map, request(map, map == plan.logits.map ? forever() : backward(map.producer)));
            }
        }
        return requests;
    }

    /** Without a backward pass, maps live until their last reader. */
    private Map<StoredActivation, ArenaPlan.Request> passingMaps() {
        Map<StoredActivation, Integer> last = new HashMap<>();
        for (FusedInput value : plan.values()) {
            for (FusedInput part = value; part != null; part = part.prefix) {
                last.merge(part.map, value.largestReader(), Math::max);
            }
        }
        last.put(plan.logits.map, forever());
        Map<StoredActivation, ArenaPlan.Request> requests = new LinkedHashMap<>();
        for (StoredActivation map : plan.maps()) {
            if (map != plan.images) {
                requests.put(map, request(map, Math.max(map.producer, last.getOrDefault(map, map.producer))));
            }
        }
        return requests;
    }

    /** Gradients live from their first contribution to the backward pass of the step that made the map. */
    private void requestGradients() {
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
        shared.forEach((root, members) -> {
            int birth = root == plan.logits ? turn : root.largestReader();
            if (root.link == FusedInput.Link.COPIED) {
                birth = Math.max(birth, root.next.finish);
            }
            int death = backward(birth);
            for (FusedInput member : members) {
                death = Math.max(death,
                        Math.max(backward(member.finish), member.map == plan.images ? forever() : backward(member.map.producer)));
            }
            arena.request(floats(root.map), backward(birth), death, (data, origin) -> members.forEach(member -> {
                member.gradient = data;
                member.gradientOrigin = origin;
            }));
        });
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
        long maps = pass.mode == Mode.TRAINING ? 4 * savedFloats : arena.bytes();
        Map<MemoryCategory, Long> bytes = new EnumMap<>(MemoryCategory.class);
        bytes.put(MemoryCategory.BATCH, 4 * floats(plan.images));
        bytes.put(MemoryCategory.ACTIVATIONS, maps + halfBytes);
        bytes.put(MemoryCategory.ACTIVATION_GRADIENTS, arena.bytes() - maps);
        return bytes;
    }
}
