package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.Platforms;
import dev.fedtiny.federation.Robustness;
import dev.fedtiny.federation.RoundLog;
import dev.fedtiny.federation.SelectionVote;
import dev.fedtiny.privacy.GaussianMechanism;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Rounds under differential privacy: nothing but the noisy sum may follow from who took part. */
class PrivateRoundTest {
    private static TrainingPlan plan(int rounds, double rate, double dropout, int minimum) {
        return TinyRuns.plan(rounds).withRobustness(new Robustness(new Aggregation.PrivateMean(new GaussianMechanism(0.5, 0.01, rate,
                TinyRuns.DEVICES * rate, 1e-5)), Double.POSITIVE_INFINITY, SelectionVote.MEAN, 1000))
                .withReliability(new Reliability(dropout, Double.POSITIVE_INFINITY, new DeviceRate.Unlimited(),
                        new DeviceRate.Unlimited(), minimum, Reliability.TooFew.REPEAT, 9));
    }

    /** Whether a round counts, or is done again, would tell how many devices took part: far more than one device's clipped change. */
    @Test
    void aRoundIsOneDrawOfDevicesHoweverFewReport() {
        TrainingPlan plan = plan(6, 1, 0.5, 3);
        try (FederationContext context = TinyRuns.over(plan, TinyRuns.fleet(plan))) {
            TinyRuns.Run run = TinyRuns.run(new FedAvg(), context);
            int few = 0;
            for (int r = 0; r < 6; r++) {
                RoundReport report = run.reports().get(r);
                assertEquals(1, report.effort().attempts(), report.toString());
                assertEquals(List.of(), report.effort().inVain());
                few += report.reporters().size() < 3 ? 1 : 0;
                assertFalse(TinyRuns.sameBits(run.states().get(r).model(), run.states().get(r + 1).model()), "round " + r);
            }
            assertTrue(few > 0, "every round had three reporters");
        }
    }

    /** The server's step is taken of noise alone, too: a model that stays would tell that nobody took part. */
    @Test
    void theServersStepDoesNotTellThatNobodyTookPart() {
        TrainingPlan plan = plan(3, 1, Math.nextDown(1.0), 1).withServer(Optional.of(new ServerOptimizer(new Sgd(0.9, 0), 1)));
        try (FederationContext context = TinyRuns.over(plan, TinyRuns.fleet(plan))) {
            TinyRuns.Run run = TinyRuns.run(new FedAvg(), context);
            assertTrue(run.reports().stream().allMatch(report -> report.reporters().isEmpty()));
            assertEquals(3, run.states().getLast().server().steps());
        }
    }

    /** A release is one draw: who was heard in an earlier life of the server is not asked again because of that. */
    @Test
    void aRoundThatIsDoneAgainDrawsAnew() {
        RoundLog everybody = new RoundLog() {
            @Override
            public Optional<List<Integer>> reporters(Key key) {
                return Optional.of(List.of(0, 1, 2, 3));
            }

            @Override
            public void closed(Key key, List<Integer> reporters) {
                // Nobody asks for it.
            }
        };
        TrainingPlan plan = plan(6, 0.25, 0, 1);
        try (FederationContext context = FederationContext.over(plan, TinyRuns.fleet(plan), TinyRuns.DATA.publicSet(),
                TinyRuns.DATA.test(), 1, Platforms.ANY, everybody)) {
            TinyRuns.Run run = TinyRuns.run(new FedAvg(), context);
            // All four every time: once in 10^14 runs.
            assertTrue(run.reports().stream().anyMatch(report -> report.participants().size() < TinyRuns.DEVICES));
        }
    }
}
