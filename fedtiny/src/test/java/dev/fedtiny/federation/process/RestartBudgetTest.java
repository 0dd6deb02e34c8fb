package dev.fedtiny.federation.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RestartBudgetTest {
    /** In which requests a device whose processes do nothing gets another. */
    private static List<Integer> starts(RestartBudget budget, int requests) {
        List<Integer> starts = new ArrayList<>();
        for (int request = 0; request < requests; request++) {
            if (budget.grants()) {
                budget.started();
                starts.add(request);
            }
        }
        return starts;
    }

    @Test
    void aDeviceThatNeverWorksIsStartedMoreAndMoreRarelyAndNeverGivenUp() {
        RestartBudget budget = new RestartBudget(new Restarts(4, 16));
        assertEquals(List.of(0, 1, 2, 3, 5, 8, 13, 22, 39, 56, 73, 90), starts(budget, 100));
        assertEquals(12, budget.starts());
    }

    @Test
    void workGivesAllStartsBack() {
        RestartBudget budget = new RestartBudget(new Restarts(2, 8));
        assertEquals(List.of(0, 1, 3, 6), starts(budget, 8));
        assertFalse(budget.grants());
        budget.worked();
        assertEquals("", budget.outlook());
        assertEquals(List.of(0, 1, 3), starts(budget, 4));
        for (int round = 0; round < 1000; round++) {
            assertTrue(round == 0 || budget.grants(), "round " + round);
            budget.started();
            budget.worked();
        }
    }

    @Test
    void withoutPausesThereAreNoFurtherStartsAndItIsSaid() {
        RestartBudget budget = new RestartBudget(Restarts.NONE);
        assertEquals(List.of(0), starts(budget, 50));
        assertTrue(budget.outlook().contains("started 1 time") && budget.outlook().contains("not started again"), budget.outlook());
        assertThrows(IllegalArgumentException.class, () -> new Restarts(0, 1));
        assertThrows(IllegalArgumentException.class, () -> new Restarts(1, -1));
    }
}
