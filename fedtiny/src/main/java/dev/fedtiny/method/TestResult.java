package dev.fedtiny.method;

/**
 * The global model's score on the test set.
 *
 * @param loss mean cross entropy
 * @param correct right answers
 * @param count images
 */
public record TestResult(double loss, int correct, int count) {
    /** Share of right answers, in [0, 1]. */
    public double accuracy() {
        return (double) correct / count;
    }
}
