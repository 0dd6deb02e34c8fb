package dev.fedtiny.experiment;

import dev.fedtiny.method.FinalRecalibration;

/**
 * What measuring the running statistics of the last model will cost, told before the run.
 *
 * @param devices how many are asked
 * @param flops forward passes on all devices asked
 * @param bytesDown the model to all devices asked
 * @param bytesUp statistics of all devices asked
 */
public record RecalibrationEstimate(int devices, long flops, long bytesDown, long bytesUp) {
    /** What a step came to whose devices did not compute. */
    static RecalibrationEstimate of(FinalRecalibration.Outcome outcome) {
        return new RecalibrationEstimate(outcome.reporters().size(), outcome.costs().flops(), outcome.costs().traffic().bytesDown(),
                outcome.costs().traffic().bytesUp());
    }
}
