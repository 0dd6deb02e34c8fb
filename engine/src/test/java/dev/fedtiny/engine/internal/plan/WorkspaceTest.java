package dev.fedtiny.engine.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** What cannot be allocated leaves scratch as it was. */
class WorkspaceTest {
    @Test
    void theImpossibleIsForgotten() {
        Workspace workspace = new Workspace(2);
        workspace.needInput(100);
        workspace.needTransforms(30);
        workspace.needZeros(8);
        workspace.needOffers(5);
        workspace.allocate();
        long bytes = workspace.bytes();
        assertEquals(workspace.plannedBytes(), bytes);
        PlanAccess.askForTheImpossible(workspace);
        assertThrows(IllegalArgumentException.class, workspace::allocate);
        assertEquals(bytes, workspace.bytes());
        assertEquals(bytes, workspace.plannedBytes());
        assertEquals(100 + Arrays32.ORIGIN, workspace.input.length);
        assertEquals(2 * 30 + Arrays32.ORIGIN, workspace.transforms.length);
        assertEquals(30, workspace.transformFloats());
        assertEquals(2 * 5, workspace.offers.length);
        assertEquals(5, workspace.offerCount());
        workspace.needInput(200);
        workspace.allocate();
        assertEquals(200 + Arrays32.ORIGIN, workspace.input.length);
    }
}
