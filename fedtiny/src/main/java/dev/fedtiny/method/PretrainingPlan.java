package dev.fedtiny.method;



/**
 * How the server pretrains the dense model on its public set.
 *
 * @param epochs 0: the model stays as initialised
 * @param batch images of a step, last partial batch kept
 * @param learningRate constant
 * @param zeroGamma whether residual branches of the untrained model start switched off
 */
public record PretrainingPlan(int epochs, int batch, double learningRate, boolean zeroGamma) {
    /** Checks the ranges. */
    public PretrainingPlan {
        if (epochs < 0 || batch < 1 || !(learningRate > 0 && Double.isFinite(learningRate))) {
            throw new IllegalArgumentException("pretraining: " + epochs + " epochs, batch " + batch + ", learning rate " + learningRate
                    + "; expected epochs of at least 0, a batch of at least 1 and a positive rate");
        }
    }
}
