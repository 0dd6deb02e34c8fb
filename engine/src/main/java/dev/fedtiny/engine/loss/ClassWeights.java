package dev.fedtiny.engine.loss;

import dev.fedtiny.engine.internal.check.Given;
import java.util.Arrays;

/**
 * How much each class counts in a cross entropy, for classes that are rare or costly to miss.
 */
public final class ClassWeights {
    /** Every class counts 1, however many there are. */
    public static final ClassWeights EQUAL = new ClassWeights(null);

    private final float[] weights;

    private ClassWeights(float[] weights) {
        this.weights = weights;
    }

    /**
     * {@return one weight a class}
     *
     * @param weights at least 0 and finite, one of them above 0; copied
     */
    public static ClassWeights of(float... weights) {
        Given.notNull(weights, "class weights: weights", "one weight a class; ClassWeights.EQUAL where all are the same");
        boolean any = false;
        for (int c = 0; c < weights.length; c++) {
            if (!(weights[c] >= 0 && Float.isFinite(weights[c]))) {
                throw new IllegalArgumentException("class weights: class " + c + " has weight " + weights[c]
                        + ", must be at least 0 and finite");
            }
            any |= weights[c] > 0;
        }
        if (!any) {
            throw new IllegalArgumentException("class weights: none of the " + weights.length + " weights is above 0");
        }
        return new ClassWeights(weights.clone());
    }

    /**
     * {@return the weight of a class}
     *
     * @param label the class, from 0 on
     * @throws IllegalArgumentException if weights were given, and none for this class
     */
    public double of(int label) {
        if (weights != null && (label < 0 || label >= weights.length)) {
            throw new IllegalArgumentException("class weights: there is none for class " + label + ", only for 0 to "
                    + (weights.length - 1));
        }
        return weights == null ? 1 : weights[label];
    }

    /** Whether every class counts the same because none was given. */
    boolean equal() {
        return weights == null;
    }

    void checkClasses(int classes) {
        if (weights != null && weights.length != classes) {
            throw new IllegalArgumentException("cross entropy: " + weights.length + " class weights for outputs of " + classes
                    + " classes; give one a class");
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ClassWeights that && Arrays.equals(weights, that.weights);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(weights);
    }

    @Override
    public String toString() {
        return weights == null ? "EQUAL" : Arrays.toString(weights);
    }
}
