package dev.fedtiny.engine.loss;

/**
 * What training minimises: a weighted sum of losses over the outputs of a network. Every {@link Loss} is an objective of one term. A sum is
 * written as a lambda; with hard labels and a teacher's logits for the same images, for example:
 * {@snippet :
 * record Lesson(int[] labels, float[] teacher) { }
 * Loss<int[]> hard = new CrossEntropy();
 * Loss<float[]> soft = new Distillation(4);
 * Objective<Lesson> objective = (lesson, terms) -> {
 *     terms.add(0.3, hard, lesson.labels());
 *     terms.add(0.7, soft, lesson.teacher());
 * };
 * }
 * The terms are asked for several times a pass: the same ones each time, and without allocation where a step shall allocate nothing.
 *
 * @param <T> the targets of a batch: labels ({@code int[]}), values ({@code float[]}), or a type of the application's own
 */
@FunctionalInterface
public interface Objective<T> {
    /**
     * Names the terms, in the order in which they are added.
     *
     * @param targets of the batch
     * @param terms takes them
     */
    void terms(T targets, Terms terms);

    /** Takes the terms of an objective. */
    interface Terms {
        /**
         * A loss over the network's output, which has no other.
         *
         * @param <U> the loss's kind of targets
         * @param weight finite; what the loss and its gradient are multiplied by
         * @param loss over the outputs of the images of a batch
         * @param targets of the batch's images, as the loss wants them
         */
        <U> void add(double weight, Loss<U> loss, U targets);

        /**
         * A loss over one of several outputs. The gradient of an output that no term is about is 0.
         *
         * @param <U> the loss's kind of targets
         * @param output its name
         * @param weight finite; what the loss and its gradient are multiplied by
         * @param loss over that output of the images of a batch
         * @param targets of the batch's images, as the loss wants them
         * @throws IllegalArgumentException if the network has no output of that name
         */
        <U> void add(String output, double weight, Loss<U> loss, U targets);
    }
}
