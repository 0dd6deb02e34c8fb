package dev.fedtiny.engine.nn;

import dev.fedtiny.engine.measure.MemoryCategory;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the maps of a plan and the gradients of its values lie. Time runs forward through the stages and, in training, back again; a tensor
 * lives from the stage that computes it to the last that reads it, and two that never live at the same time share memory. So the gradients
 * of early layers, the large ones, lie where the maps of late layers have been. Everything is decided before anything is allocated.
 */
final class PlanMemory {
    private final Plan plan;
    private final Pass pass;
    /** The loss: between the last stage's forward and backward pass. */
    private final int turn;
    private final ArenaPlan arena = new ArenaPlan(Arrays32.limit());
    private final List<StoredMap> halves = new ArrayList<>();
    private long savedFloats;

    PlanMemory(Plan plan, Pass pass, ActivationStorage activations) {
        this.plan = plan;
        this.pass = pass;
        this.turn = plan.stages.size();
        boolean training = pass.mode == Mode.TRAINING;
        Map<StoredMap, ArenaPlan.Request> stored = training ? trainingMaps() : passingMaps();
        if (training) {
            requestGradients();
        }
        arena.layOut();
        if (training && activations == ActivationStorage.FLOAT16) {
            halve(stored);
        }
        stored.forEach((map, request) -> savedFloats += map.half == null ? request.floats() : 0);
        if (training) {
            for (Stage stage : plan.stages) {
                if (stage instanceof ConvolutionStage convolution) {
                    convolution.findRoom(arena, backward(stage.index));
                }
            }
        }
        for (Stage stage : plan.stages) {
            if (stage instanceof ConvolutionStage convolution && convolution.sampled() != null) {
                convolution.sampled().findRoom(arena, pass.capacityGroups);
            }
        }
    }

    private int backward(int stage) {
        return 2 * turn - stage;
    }

    private int forever() {
        return 2 * turn + 2;
    }

    private long floats(StoredMap map) {
        return (long) pass.capacityGroups * map.groupFloats;
    }

    private ArenaPlan.Request request(StoredMap map, int last) {
        return arena.request(floats(map), map.producer, last, (data, origin) -> {
            map.data = data;
            map.origin = origin;
        });
    }

    /** Maps live until their own stage's backward pass; logits can be asked for at any time. */
    private Map<StoredMap, ArenaPlan.Request> trainingMaps() {
        Map<StoredMap, ArenaPlan.Request> requests = new LinkedHashMap<>();
        for (StoredMap map : plan.maps()) {
            if (map != plan.images) {
                requests.put(map, request(map, map == plan.logits.map ? forever() : backward(map.producer)));
            }
        }
        return requests;
    }

    /** Without a backward pass, maps live until their last reader. */
    private Map<StoredMap, ArenaPlan.Request> passingMaps() {
        Map<StoredMap, Integer> last = new HashMap<>();
        for (Value value : plan.values()) {
            for (Value part = value; part != null; part = part.prefix) {
                last.merge(part.map, Plan.largestReader(value), Math::max);
            }
        }
        last.put(plan.logits.map, forever());
        Map<StoredMap, ArenaPlan.Request> requests = new LinkedHashMap<>();
        for (StoredMap map : plan.maps()) {
            if (map != plan.images) {
                requests.put(map, request(map, Math.max(map.producer, last.getOrDefault(map, map.producer))));
            }
        }
        return requests;
    }

    /** Gradients live from their first contribution to the backward pass of the stage that made the map. */
    private void requestGradients() {
        Map<Value, List<Value>> shared = new LinkedHashMap<>();
        for (Value value : plan.values()) {
            if (value.needsGradient()) {
                Value root = value;
                while (root.link == Value.Link.SHARED) {
                    root = root.next;
                }
                shared.computeIfAbsent(root, r -> new ArrayList<>()).add(value);
            }
        }
        shared.forEach((root, members) -> {
            int birth = root == plan.logits ? turn : Plan.largestReader(root);
            if (root.link == Value.Link.COPIED) {
                birth = Math.max(birth, root.next.finish);
            }
            int death = backward(birth);
            for (Value member : members) {
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
    private void halve(Map<StoredMap, ArenaPlan.Request> stored) {
        List<StoredMap> candidates = new ArrayList<>();
        for (Map.Entry<StoredMap, ArenaPlan.Request> entry : stored.entrySet()) {
            StoredMap map = entry.getKey();
            if (map != plan.logits.map && !(plan.stages.get(map.producer) instanceof LinearStage)) {
                arena.withdraw(entry.getValue());
                candidates.addFirst(map);
            }
        }
        long before = arena.layOut();
        for (StoredMap map : candidates) {
            ArenaPlan.Request request = stored.get(map);
            arena.restore(request);
            long after = arena.layOut();
            if (2 * (after - before) <= request.floats()) {
                before = after;
            } else {
                arena.withdraw(request);
                map.half = new HalfMap(map, pass);
                halves.add(map);
            }
        }
        arena.layOut();
    }

    /** Allocates everything. */
    void allocate() {
        plan.images.data = new float[Math.toIntExact(floats(plan.images))];
        halves.forEach(map -> map.half.allocate());
        arena.allocate();
    }

    /**
     * Bytes of everything, by what it is for. Where gradients lie in the place of maps, they count as far as they need more than the maps
     * do.
     */
    Map<MemoryCategory, Long> bytes() {
        long halfBytes = halves.stream().mapToLong(map -> map.half.bytes()).sum();
        long maps = pass.mode == Mode.TRAINING ? 4 * savedFloats : arena.bytes();
        Map<MemoryCategory, Long> bytes = new EnumMap<>(MemoryCategory.class);
        bytes.put(MemoryCategory.BATCH, 4 * floats(plan.images));
        bytes.put(MemoryCategory.ACTIVATIONS, maps + halfBytes);
        bytes.put(MemoryCategory.ACTIVATION_GRADIENTS, arena.bytes() - maps);
        return bytes;
    }
}
