package dev.fedtiny.data;

/**
 * Random changes to a training image: crop out of the image padded with zero pixels, then mirror, then cutout. What the crop brings in is
 * the pixel value 0 (black), or whatever lies {@linkplain Samples#outside outside} samples of another kind; what
 * the cutout blanks is the normalised value 0 (the mean colour), as in the original papers.
 *
 * @param cropPadding pixels added on every side before the crop back to the image's own size; 0: no crop
 * @param mirroring whether half of the images are mirrored
 * @param cutoutSize side of the blanked square, centred on a random pixel and clipped by the border; 0: none
 */
public record Augmentation(int cropPadding, Mirroring mirroring, int cutoutSize) {
    /** The image as it is; draws no random numbers. */
    public static final Augmentation NONE = new Augmentation(0, Mirroring.NEVER, 0);
    /** Pad 4 and crop; for digits, which change their meaning in a mirror. */
    public static final Augmentation CROP = new Augmentation(4, Mirroring.NEVER, 0);
    /** Pad 4, crop, mirror half of the images left to right. */
    public static final Augmentation CROP_AND_MIRROR = new Augmentation(4, Mirroring.HALF, 0);
    /** The cutout square's side in the CIFAR-10 experiments of the cutout paper. */
    public static final int USUAL_CUTOUT_SIZE = 16;

    /** Whether images are mirrored left to right. */
    public enum Mirroring {
        /** No image. */
        NEVER,
        /** Each with probability one half. */
        HALF
    }

    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException if a size is negative or over 1,024
     */
    public Augmentation {
        checkSize("crop padding", cropPadding);
        checkSize("cutout size", cutoutSize);
        if (mirroring == null) {
            throw new IllegalArgumentException("mirroring is missing, expected NEVER or HALF");
        }
    }

    private static void checkSize(String what, int size) {
        if (size < 0 || size > 1024) {
            throw new IllegalArgumentException(what + " is " + size + " pixels, expected 0 to 1024");
        }
    }

    /**
     * The same with a cutout square of this side; 0 removes it.
     *
     * @param size side in pixels, at least 0
     * @return a copy
     */
    public Augmentation withCutout(int size) {
        return new Augmentation(cropPadding, mirroring, size);
    }

    /** {@return whether this changes images at all, and so needs a random stream} */
    public boolean isRandom() {
        return cropPadding > 0 || mirroring == Mirroring.HALF || cutoutSize > 0;
    }
}
