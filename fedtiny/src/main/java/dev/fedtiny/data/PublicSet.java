package dev.fedtiny.data;

import dev.fedtiny.engine.runtime.RandomStream;

/** The server's tiny public labelled set D_s: equally many images of each class, which no device gets. */
public final class PublicSet {
    private PublicSet() {
    }

    /**
     * Draws the public images. With equal seeds a smaller set is part of a larger one.
     *
     * @param training the training part, never the test part
     * @param perClass images of each class, at least 1
     * @return the public images as {@code chosen}, those left for the devices as {@code rest}
     * @throws DataException if a class has fewer images
     * @throws IllegalArgumentException if {@code perClass} is not positive
     */
    public static IndexSplit split(Dataset training, int perClass, long seed) {
        if (perClass < 1) {
            throw new IllegalArgumentException("public images per class is " + perClass + ", expected at least 1");
        }
        int[][] byClass = Partitions.indicesByClass(training.labels(), training.classes());
        boolean[] isPublic = new boolean[training.count()];
        for (int label = 0; label < byClass.length; label++) {
            int[] ofClass = byClass[label];
            if (ofClass.length < perClass) {
                throw new DataException("class " + label + " has " + ofClass.length + " training images, the public set needs " + perClass
                        + " of each class; use fewer a class");
            }
            RandomStream.of(seed, "public-set", label).shuffle(ofClass);
            for (int i = 0; i < perClass; i++) {
                isPublic[ofClass[i]] = true;
            }
        }
        int[] chosen = new int[perClass * byClass.length];
        int[] rest = new int[isPublic.length - chosen.length];
        int chosenCount = 0;
        for (int i = 0; i < isPublic.length; i++) {
            if (isPublic[i]) {
                chosen[chosenCount++] = i;
            } else {
                rest[i - chosenCount] = i;
            }
        }
        return new IndexSplit(chosen, rest);
    }
}
