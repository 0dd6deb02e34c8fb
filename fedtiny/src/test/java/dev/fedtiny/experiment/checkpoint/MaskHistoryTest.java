package dev.fedtiny.experiment.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What grows is told from what comes back, also after a checkpoint. */
class MaskHistoryTest {
    private final Network network = CheckpointFixture.NETWORK;
    private final int parameter = network.prunable().getFirst();
    private final int size = network.parameters().get(parameter).size();

    /** A model whose first prunable parameter has these active positions. */
    private ModelState model(int... active) {
        List<Mask> masks = new ArrayList<>();
        for (int p = 0; p < network.parameters().size(); p++) {
            masks.add(p == parameter ? Mask.of(size, active) : Mask.full(network.parameters().get(p).size()));
        }
        return Initializer.initialize(network, 3).masked(masks);
    }

    private static List<Long> figures(MaskHistory.Step step) {
        JsonObject change = step.change().orElseThrow();
        return List.of(change.integer("grown"), change.integer("pruned"), change.integer("returned"), change.integer("ofFirst"));
    }

    @Test
    void whatComesBackIsTold() {
        ModelState one = model(0, 1, 2);
        ModelState two = model(0, 1, 3);
        ModelState three = model(0, 2, 4);
        long others = network.prunable().stream().skip(1).mapToLong(p -> network.parameters().get(p).size()).sum();
        MaskHistory.Step start = MaskHistory.begin(one);
        assertTrue(start.change().isEmpty() && start.history().step(one, one).change().isEmpty());
        MaskHistory.Step first = start.history().step(one, two);
        assertEquals(List.of(1L, 1L, 0L, 2 + others), figures(first), "3 grew in the place of 2");
        MaskHistory.Step second = first.history().step(two, three);
        assertEquals(List.of(2L, 2L, 1L, 2 + others), figures(second), "2 came back, 4 is new");
        assertEquals(3 + others, second.change().orElseThrow().integer("first"));
        JsonObject unknown = MaskHistory.UNKNOWN.step(two, three).change().orElseThrow();
        assertEquals(2, unknown.integer("grown"));
        assertTrue(unknown.find("returned").isEmpty(), "without a history nothing is said of what comes back");
        JsonObject line = second.addedTo(JsonObject.builder().put("event", "round").build());
        assertEquals(List.of("event", "masks"), List.copyOf(line.members().keySet()));
        assertTrue(IntStream.of(0, 1).allMatch(i -> start.addedTo(line) == line));
    }
}
