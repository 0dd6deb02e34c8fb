package dev.fedtiny.method;

import dev.fedtiny.device.Confusion;

/**
 * The global model's score on the test set.
 *
 * @param loss mean cross entropy
 * @param correct right answers
 * @param count images; 0 where nothing was evaluated
 * @param confusion which class was taken for which; not known of results that were read from a file
 */
public record TestResult(double loss, int correct, int count, Confusion confusion) {
    /** Checks the numbers. */
    public TestResult {
        if (count < 0 || correct < 0 || correct > count) {
            throw new IllegalArgumentException("test result: " + correct + " right answers for " + count
                    + " images, expected no more right answers than images and none below 0");
        }
    }

    /**
     * A result without the answers behind it.
     *
     * @param loss mean cross entropy
     * @param correct right answers
     * @param count images
     */
    public TestResult(double loss, int correct, int count) {
        this(loss, correct, count, Confusion.NONE);
    }

    /** {@return the same without the answers behind it, for a curve} */
    public TestResult score() {
        return new TestResult(loss, correct, count);
    }

    /** {@return the score of a model whose outputs are not finite: no loss, and no right answer} */
    public static TestResult notFinite() {
        return new TestResult(Double.NaN, 0, 1);
    }

    /** {@return what stands in a curve for a round after which nothing was evaluated} */
    public static TestResult notEvaluated() {
        return new TestResult(Double.NaN, 0, 0);
    }

    /** {@return whether it is a score, also one of a model whose outputs are not finite} */
    public boolean evaluated() {
        return count > 0;
    }

    /** {@return share of right answers, in [0, 1]; NaN where nothing was evaluated} */
    public double accuracy() {
        return (double) correct / count;
    }
}
