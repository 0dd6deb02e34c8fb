package dev.fedtiny.device;

import java.util.Arrays;

/**
 * Which class images are of, and which a model took them for. Counted in the pass that evaluates the model; another is not needed.
 *
 * @param classes C, classes of the data
 * @param counts C rows of C + 1: at {@code label · (C + 1) + answer} the images of a class that got an answer; the last column is for
 *        outputs of the network that are no class of the data
 */
public record Confusion(int classes, int[] counts) {
    /** Where nothing is known. */
    public static final Confusion NONE = new Confusion(0, new int[0]);

    /** Checks the sizes. */
    public Confusion {
        if (classes < 0 || counts.length != classes * (classes + 1)) {
            throw new IllegalArgumentException("confusion of " + classes + " classes with " + counts.length + " counts, expected "
                    + (long) classes * (classes + 1));
        }
    }

    /**
     * Nothing counted yet.
     *
     * @param classes of the data
     * @return counts of 0
     */
    static Confusion empty(int classes) {
        return new Confusion(classes, new int[classes * (classes + 1)]);
    }

    /** Counts an answer. */
    void count(int label, int answer) {
        counts[label * (classes + 1) + Math.min(answer, classes)]++;
    }

    /** {@return whether something is known} */
    public boolean known() {
        return classes > 0;
    }

    /**
     * Images of a class that got an answer.
     *
     * @param label the class
     * @param answer another class, or C for outputs that are none
     * @return how many
     */
    public int of(int label, int answer) {
        return counts[label * (classes + 1) + answer];
    }

    /** {@return images of each class} */
    public int[] images() {
        int[] images = new int[classes];
        Arrays.setAll(images, label -> Arrays.stream(counts, label * (classes + 1), (label + 1) * (classes + 1)).sum());
        return images;
    }

    /** {@return right answers to images of each class} */
    public int[] correct() {
        int[] correct = new int[classes];
        Arrays.setAll(correct, label -> of(label, label));
        return correct;
    }

    /** {@return images that were taken for each class, rightly or not} */
    public int[] answers() {
        int[] answers = new int[classes];
        for (int label = 0; label < classes; label++) {
            for (int answer = 0; answer < classes; answer++) {
                answers[answer] += of(label, answer);
            }
        }
        return answers;
    }

    /**
     * Both together.
     *
     * @param other of as many classes, or {@link #NONE}
     * @return the sums; nothing where one of them is not known
     */
    public Confusion plus(Confusion other) {
        if (!known() || !other.known()) {
            return NONE;
        }
        int[] sums = counts.clone();
        Arrays.setAll(sums, i -> Math.addExact(counts[i], other.counts[i]));
        return new Confusion(classes, sums);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Confusion that && classes == that.classes && Arrays.equals(counts, that.counts);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(counts);
    }
}
