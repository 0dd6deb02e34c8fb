package dev.fedtiny.experiment;

import dev.fedtiny.method.SelectionReport;
import dev.fedtiny.method.SelectionReport.Candidate;
import java.util.List;

/**
 * What the choice of the first mask among candidates will cost, told before the run.
 *
 * @param devices how many are asked
 * @param flops forward passes of all candidates on all devices asked
 * @param bytesDown pool and aggregated statistics to all devices asked; the pool's masks are the run's own only if they were really drawn
 * @param bytesUp statistics and scores of all devices asked
 * @param leastActive Σ k_l of the smallest candidate
 * @param mostActive Σ k_l of the largest candidate
 * @param leastTrainingFlops FLOPs of training one image under the cheapest candidate
 * @param mostTrainingFlops FLOPs of training one image under the most expensive candidate
 */
public record SelectionEstimate(int devices, long flops, long bytesDown, long bytesUp, long leastActive, long mostActive,
        long leastTrainingFlops, long mostTrainingFlops) {
    /** What a selection came to whose devices did not train. */
    static SelectionEstimate of(SelectionReport report) {
        List<Candidate> candidates = report.candidates();
        return new SelectionEstimate(report.reporters().size(), report.costs().flops(), report.costs().traffic().bytesDown(),
                report.costs().traffic().bytesUp(), candidates.stream().mapToLong(Candidate::active).min().orElseThrow(),
                candidates.stream().mapToLong(Candidate::active).max().orElseThrow(),
                candidates.stream().mapToLong(Candidate::trainingFlops).min().orElseThrow(),
                candidates.stream().mapToLong(Candidate::trainingFlops).max().orElseThrow());
    }
}
