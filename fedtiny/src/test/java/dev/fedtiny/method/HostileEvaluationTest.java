package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.federation.DeviceFailure.Cause;
import dev.fedtiny.federation.SelectionVote;
import dev.fedtiny.protocol.DeviceMessage;
import dev.fedtiny.protocol.Evaluation;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.RunningStatistics;
import dev.fedtiny.protocol.Statistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Stage one with one device of four that lies about its candidates. */
class HostileEvaluationTest {
    private static final int LIAR = 1;
    private static final FedTiny METHOD = TinyRuns.fedTiny(Selection.ADAPTIVE);

    private static Method.InitOutcome init(MessageKind kind, UnaryOperator<DeviceMessage> lie) {
        TrainingPlan plan = TinyRuns.plan(1);
        try (FederationContext context = FederationContext.over(plan, new LyingFleet(TinyRuns.fleet(plan), LIAR, kind, lie), TinyRuns.DATA,
                1)) {
            return METHOD.init(context);
        }
    }

    private static SelectionReport selection(MessageKind kind, UnaryOperator<DeviceMessage> lie) {
        return init(kind, lie).report().selection().orElseThrow();
    }

    private static SelectionReport scores(Evaluation.Score... scores) {
        return selection(MessageKind.EVALUATION, message -> new Evaluation(((Evaluation) message).samples(), List.of(scores)));
    }

    private static Evaluation.Score score(double loss, double square, int correct) {
        return new Evaluation.Score(loss, square, correct);
    }

    @Test
    void lossesThatAreNoneAreRefusedAndTheOthersChoose() {
        SelectionReport others = selection(MessageKind.EVALUATION, message -> null);
        Evaluation.Score fine = score(46, 150, 3);
        for (Evaluation.Score bad : List.of(score(Double.NaN, 1, 3), score(1, Double.NaN, 3), score(Double.POSITIVE_INFINITY, 1, 0),
                score(-1, 1, 3), score(1e300, 1e300, 0), score(46, Double.POSITIVE_INFINITY, 3), score(0, 0, 0), score(46, 0, 3))) {
            for (int place = 0; place < TinyRuns.CANDIDATES; place++) {
                Evaluation.Score[] scores = {fine, fine, fine};
                scores[place] = bad;
                SelectionReport report = scores(scores);
                assertEquals(List.of(0, 2, 3), report.reporters());
                assertEquals(LIAR, report.failures().getFirst().device());
                assertEquals(Cause.REJECTED, report.failures().getFirst().cause(), report.failures().toString());
                assertEquals(others.candidates(), report.candidates());
                assertEquals(others.chosen(), report.chosen());
            }
        }
    }

    @Test
    void oneDeviceCannotChooseWhateverPossibleLossesItStates() {
        SelectionReport honest = selection(MessageKind.EVALUATION, message -> message);
        assertEquals(SelectionVote.MEDIAN, honest.vote());
        // As many right answers as samples allow the loss 0: nobody can know better.
        int samples = TinyRuns.plan(1).deviceSettings().development().size(TinyRuns.DATA.devices().get(LIAR).count());
        Evaluation.Score worst = score(Evaluation.FAILED_LOSS * samples, Evaluation.FAILED_LOSS * Evaluation.FAILED_LOSS * samples, 0);
        double lowest = honest.candidates().stream().mapToDouble(SelectionReport.Candidate::loss).min().orElseThrow();
        double spread = honest.spread();
        for (int favoured = 0; favoured < TinyRuns.CANDIDATES; favoured++) {
            Evaluation.Score[] scores = new Evaluation.Score[TinyRuns.CANDIDATES];
            Arrays.fill(scores, worst);
            scores[favoured] = score(0, 0, samples);
            SelectionReport report = scores(scores);
            assertEquals(List.of(0, 1, 2, 3), report.reporters());
            // A vote of four moves the median to a neighbour's, no further.
            for (SelectionReport.Candidate candidate : report.candidates()) {
                assertTrue(Math.abs(candidate.loss() - lowest) < 3 * spread + 1, report.candidates().toString());
            }
        }
    }

    @Test
    void aMajorityThatPrefersACandidateWins() {
        List<Evaluation> evaluations = new ArrayList<>();
        for (int k = 0; k < 5; k++) {
            double level = 1 + k;
            boolean liar = k == 4;
            evaluations.add(new Evaluation(10, List.of(score(10 * (liar ? 0 : level), 200, 5), score(10 * (liar ? 1e6 : level - 0.1), 200,
                    5),
                    score(10 * (liar ? 0 : level + 0.1), 200, 5))));
        }
        CandidateVote median = new CandidateVote(SelectionVote.MEDIAN, evaluations);
        assertTrue(median.loss(1) < median.loss(0) && median.loss(0) < median.loss(2));
        assertEquals(1.9, median.loss(1), 1e-9);
        CandidateVote mean = new CandidateVote(SelectionVote.MEAN, evaluations);
        assertEquals(Double.POSITIVE_INFINITY, mean.loss(1));
        assertEquals((1 + 2 + 3 + 4) / 5.0, mean.loss(0), 1e-12);
    }

    @Test
    void statisticsOutOfProportionAreThrownAwayAndTheirDeviceIsNamed() {
        SelectionReport others = selection(MessageKind.STATISTICS, message -> null);
        for (float lie : new float[] {1e30f, Float.MAX_VALUE, 1e12f}) {
            SelectionReport report = selection(MessageKind.STATISTICS, message -> {
                Statistics statistics = (Statistics) message;
                List<RunningStatistics> candidates = new ArrayList<>(statistics.candidates());
                List<float[]> values = new ArrayList<>(candidates.get(1).values());
                values.set(0, values.get(0).clone());
                values.get(0)[0] = lie;
                candidates.set(1, new RunningStatistics(values));
                return new Statistics(statistics.samples(), candidates);
            });
            assertEquals(List.of(0, 2, 3), report.reporters());
            assertEquals(Cause.OUTLIER, report.failures().getFirst().cause());
            assertTrue(report.failures().getFirst().reason().contains("running means of candidate 2"), report.failures().toString());
            assertEquals(others.candidates(), report.candidates());
        }
    }

    @Test
    void whereEveryCandidateFailedTheMessageSaysSo() {
        List<SelectionReport.Candidate> failed = List.of(new SelectionReport.Candidate(Double.POSITIVE_INFINITY, 0, 0, 1, 1, 1));
        ArithmeticException e = assertThrows(ArithmeticException.class, () -> BatchNormSelection.choose(failed));
        assertTrue(e.getMessage().contains("every candidate has failed"), e.getMessage());
    }
}
