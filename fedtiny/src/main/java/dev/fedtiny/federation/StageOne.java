package dev.fedtiny.federation;

import dev.fedtiny.protocol.CandidatePoolMessage;
import dev.fedtiny.protocol.Evaluation;
import dev.fedtiny.protocol.RunningStatistics;
import dev.fedtiny.protocol.ServerMessage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/** How what devices measure of the candidates of stage one comes to the server: one by one, or as sums of which nobody sees the parts. */
interface StageOne {
    /**
     * What is asked.
     *
     * @param <M> sort of message
     * @param byClass one a class of devices
     * @param classOf by number of the device its place among them
     */
    record Requests<M extends ServerMessage>(List<M> byClass, IntUnaryOperator classOf) {
        M of(int device) {
            return byClass.get(classOf.applyAsInt(device));
        }
    }

    /**
     * Statistics of every candidate.
     *
     * @param statistics aggregated μ_c and σ²_c by class of devices, one a candidate; as they came where nobody of the class reported
     * @param reporters ascending
     * @param failures of those that were asked
     */
    record Recalibrated(List<List<RunningStatistics>> statistics, List<Integer> reporters, List<DeviceFailure> failures) {
    }

    /**
     * Scores of every candidate.
     *
     * @param evaluations one a reporter in their order, or one of all together
     * @param reporters ascending
     * @param failures of those that were asked
     */
    record Evaluated(List<Evaluation> evaluations, List<Integer> reporters, List<DeviceFailure> failures) {
    }

    /**
     * Has devices recalibrate.
     *
     * @param round by which the messages are known
     * @param key of the exchange, of which who was heard is noted
     */
    Recalibrated recalibrate(Requests<CandidatePoolMessage> messages, int round, List<Integer> devices, RoundLog.Key key,
            Optional<Duration> within);

    /**
     * Has devices evaluate.
     *
     * @param requests one a class of devices
     * @param given what devices hold that were asked before, one a class; none where the request brings it
     * @param candidates C
     * @param key of the exchange, of which who was heard is noted
     */
    Evaluated evaluate(Requests<? extends ServerMessage> requests, List<CandidatePoolMessage> given, int candidates, List<Integer> devices,
            RoundLog.Key key,
            Optional<Duration> within);
}
