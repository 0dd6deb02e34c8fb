package dev.fedtiny.data;

import dev.fedtiny.engine.runtime.RandomStream;
import java.util.Arrays;

/**
 * The server's tiny public labelled set D_s: equally many images of each class that the training images have, which no device gets.
 */
public final class PublicSet {
    private PublicSet() {
    }

    /**
     * As {@link #split(Dataset, int, long, boolean)}, for a set that is needed.
     *
     * @param training the training part, never the test part
     * @param perClass images of each class, at least 1
     * @param seed of the draw
     * @return the public images as {@code chosen}, those left for the devices as {@code rest}
     */
    public static IndexSplit split(Dataset training, int perClass, long seed) {
        return split(training, perClass, seed, true);
    }

    /**
     * Draws the public images. With equal seeds a smaller set is part of a larger one. A class without any training image, as in a small
     * draw, has no public ones either.
     *
     * @param training the training part, never the test part
     * @param perClass images of each class, at least 1
     * @param needed whether something is going to be learned from the set; if not, a class with too few images for it gives none
     * @param seed of the draw
     * @return the public images as {@code chosen}, those left for the devices as {@code rest}
     * @throws DataException if a class has some images, but fewer, and the set is needed, or no class has enough
     * @throws IllegalArgumentException if {@code perClass} is not positive
     */
    public static IndexSplit split(Dataset training, int perClass, long seed, boolean needed) {
        if (perClass < 1) {
            throw new IllegalArgumentException("public images per class is " + perClass + ", expected at least 1");
        }
        int[][] byClass = Partitions.indicesByClass(training.labels(), training.classes());
        boolean[] isPublic = new boolean[training.count()];
        int drawn = 0;
        for (int label = 0; label < byClass.length; label++) {
            int[] ofClass = byClass[label];
            if (ofClass.length < perClass) {
                if (needed && ofClass.length > 0) {
                    throw new DataException("class " + training.classTitle(label) + " has " + ofClass.length
                            + " training images, the public set needs " + perClass + " of each class; use fewer a class "
                            + "(public-per-class), more training images (max-images) or another draw (seed), or do without pretraining "
                            + "(pretrain-epochs = 0)");
                }
                continue;
            }
            drawn += perClass;
            RandomStream.of(seed, "public-set", label).shuffle(ofClass);
            for (int i = 0; i < perClass; i++) {
                isPublic[ofClass[i]] = true;
            }
        }
        if (drawn == 0) {
            throw new DataException("no class has " + perClass + " training images, which the public set needs; use fewer a class "
                    + "(public-per-class) or more training images (max-images)");
        }
        int[] chosen = new int[drawn];
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

    /**
     * How many images {@link #split(Dataset, int, long, boolean)} draws: as many of every class that has them.
     *
     * @param training the training part
     * @param perClass images of each class
     * @return their number
     */
    public static int size(Dataset training, int perClass) {
        return perClass * (int) Arrays.stream(training.classCounts()).filter(count -> count >= perClass).count();
    }
}
