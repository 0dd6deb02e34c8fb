package dev.fedtiny.data;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * An immutable, non-empty set of labelled images, one unsigned byte a value, kept as read: floats are made a batch at a time by
 * {@link BatchLoader}. Bytes held: {@code count · (channels · height · width + 21)} or so, 5 an image where the pixels lie in a mapped
 * file ({@link ImageFile}). A subset shares the pixels of its images and keeps nothing else alive, so a device that holds only its part
 * costs only its part. Thread-safe.
 */
public final class Dataset {
    /** The most classes that one label byte can tell apart. */
    public static final int MAXIMUM_CLASSES = 256;

    private final DatasetKind kind;
    private final int channels;
    private final int height;
    private final int width;
    private final int classes;
    private final List<String> classNames;
    private final Normalization normalization;
    private final Pixels pixels;
    private final byte[] labels;
    /** Computed when first asked for; a race computes the same value twice. */
    private volatile String contentHash;

    /** Takes the arrays over without a copy; everything was checked by the caller. */
    private Dataset(DatasetKind kind, int channels, int height, int width, int classes, List<String> classNames,
            Normalization normalization, Pixels pixels, byte[] labels) {
        this.kind = kind;
        this.channels = channels;
        this.height = height;
        this.width = width;
        this.classes = classes;
        this.classNames = classNames;
        this.normalization = normalization;
        this.pixels = pixels;
        this.labels = labels;
    }

    /**
     * A set of the given images, which are copied.
     *
     * @param kind which images these are
     * @param channels of every image
     * @param height of every image, pixels
     * @param width of every image, pixels
     * @param classes labels run from 0 to {@code classes - 1}
     * @param classNames one a class, or empty when not known
     * @param normalization for this number of channels
     * @param pixels one array an image, channels × height × width, row-major
     * @param labels one an image
     * @return the set
     * @throws DataException if there is no image, or sizes, counts, names or labels disagree
     */
    public static Dataset of(DatasetKind kind, int channels, int height, int width, int classes, List<String> classNames,
            Normalization normalization, byte[][] pixels, int[] labels) {
        if (pixels.length != labels.length) {
            throw new DataException("data set has " + pixels.length + " images but " + labels.length
                    + " labels, expected one label an image");
        }
        byte[][] copies = new byte[pixels.length][];
        byte[] labelBytes = new byte[labels.length];
        for (int i = 0; i < pixels.length; i++) {
            copies[i] = pixels[i].clone();
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new DataException("image " + i + " has label " + labels[i] + ", expected 0 to " + (classes - 1));
            }
            labelBytes[i] = (byte) labels[i];
        }
        return ofOwned(kind, channels, height, width, classes, classNames, normalization, copies, labelBytes);
    }

    /** As {@link #of}, but the arrays become the data set's own, and labels were checked by the reader. */
    static Dataset ofOwned(DatasetKind kind, int channels, int height, int width, int classes, List<String> classNames,
            Normalization normalization, byte[][] pixels, byte[] labels) {
        Dataset dataset = ofPixels(kind, channels, height, width, classes, classNames, normalization, new Pixels.Heap(pixels), labels);
        for (int i = 0; i < pixels.length; i++) {
            if (pixels[i].length != channels * height * width) {
                throw new DataException("image " + i + " has " + pixels[i].length + " values, expected " + channels + "×" + height + "×"
                        + width + " = " + channels * height * width);
            }
        }
        return dataset;
    }

    /** A set whose images have the right size and whose labels were checked by the reader. */
    static Dataset ofPixels(DatasetKind kind, int channels, int height, int width, int classes, List<String> classNames,
            Normalization normalization, Pixels pixels, byte[] labels) {
        Objects.requireNonNull(kind, "kind");
        if (!isImageSize(channels, height, width)) {
            throw new DataException("images have " + channels + "×" + height + "×" + width
                    + " values (channels × height × width), expected positive sizes and at most 16,777,216 values");
        }
        if (classes < 1 || classes > MAXIMUM_CLASSES) {
            throw new DataException("data set has " + classes + " classes, expected 1 to " + MAXIMUM_CLASSES);
        }
        if (pixels.count() == 0) {
            throw new DataException("data set has no images, expected at least one");
        }
        if (!classNames.isEmpty() && classNames.size() != classes) {
            throw new DataException("data set has " + classNames.size() + " class names for " + classes
                    + " classes, expected one each or none");
        }
        if (normalization.channels() != channels) {
            throw new DataException("normalization '" + normalization.name() + "' is for " + normalization.channels()
                    + " channels, but the images have " + channels);
        }
        return new Dataset(kind, channels, height, width, classes, List.copyOf(classNames), normalization, pixels, labels);
    }

    /** Whether the sizes are positive and give at most 16,777,216 values, checked without overflow. */
    static boolean isImageSize(int channels, int height, int width) {
        int most = 1 << 24;
        return channels >= 1 && height >= 1 && width >= 1 && channels <= most && (long) height * width <= most / channels;
    }

    /** {@return which images these are} */
    public DatasetKind kind() {
        return kind;
    }

    /** {@return the number of images, at least 1} */
    public int count() {
        return pixels.count();
    }

    /** {@return channels of every image} */
    public int channels() {
        return channels;
    }

    /** {@return height of every image in pixels} */
    public int height() {
        return height;
    }

    /** {@return width of every image in pixels} */
    public int width() {
        return width;
    }

    /** {@return the number of classes; labels run from 0 to one less, and a subset keeps the number though it may miss some} */
    public int classes() {
        return classes;
    }

    /** {@return one name a class, or an empty list when the names are not known} */
    public List<String> classNames() {
        return classNames;
    }

    /**
     * A class for messages: its label and, where it is known, its name.
     *
     * @param label from 0
     * @return for example {@code 3 'cat'}
     */
    public String classTitle(int label) {
        return classNames.isEmpty() ? Integer.toString(label) : label + " '" + classNames.get(label) + "'";
    }

    /** {@return classes of which there is no image, for messages; empty when there are images of all} */
    public String missingClasses() {
        int[] counts = classCounts();
        return IntStream.range(0, classes).filter(label -> counts[label] == 0).mapToObj(this::classTitle).collect(Collectors.joining(", "));
    }

    /** {@return how pixel bytes become network inputs} */
    public Normalization normalization() {
        return normalization;
    }

    /** {@return values of one image: channels · height · width} */
    public int imageBytes() {
        return channels * height * width;
    }

    /**
     * The class of image {@code i}.
     *
     * @param i from 0, below {@link #count()}
     * @return its label, from 0
     */
    public int label(int i) {
        return labels[Objects.checkIndex(i, labels.length)] & 0xff;
    }

    /** {@return A fresh array of all labels, in order} */
    public int[] labels() {
        int[] all = new int[labels.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = labels[i] & 0xff;
        }
        return all;
    }

    /** {@return how many images each class has; a fresh array of length {@link #classes()}} */
    public int[] classCounts() {
        int[] counts = new int[classes];
        for (byte label : labels) {
            counts[label & 0xff]++;
        }
        return counts;
    }

    /**
     * Copies the bytes of image {@code i}, channels × height × width, to the start of {@code into}.
     *
     * @param i from 0, below {@link #count()}
     * @param into bytes are unsigned values
     * @throws IllegalArgumentException if {@code into} is shorter than {@link #imageBytes()}
     */
    public void copyPixels(int i, byte[] into) {
        if (into.length < imageBytes()) {
            throw new IllegalArgumentException("array for pixels has " + into.length + " bytes, an image has " + imageBytes());
        }
        byte[] image = pixels(i, into);
        if (image != into) {
            System.arraycopy(image, 0, into, 0, image.length);
        }
    }

    /** The image's bytes, not to be changed nor handed on: its own array, or {@code scratch} (at least an image long) filled with them. */
    byte[] pixels(int i, byte[] scratch) {
        return pixels.image(i, scratch);
    }

    /**
     * The images at these positions, in this order; pixels are shared, not copied. Cost: about 5 bytes an image.
     *
     * @param indices positions in this set; one may come twice
     * @return a set of as many images
     * @throws IllegalArgumentException if there is no index
     * @throws IndexOutOfBoundsException if an index is outside this set
     */
    public Dataset subset(int[] indices) {
        if (indices.length == 0) {
            throw new IllegalArgumentException("subset has no indices, expected at least one");
        }
        byte[] chosenLabels = new byte[indices.length];
        for (int i = 0; i < indices.length; i++) {
            chosenLabels[i] = labels[Objects.checkIndex(indices[i], labels.length)];
        }
        return new Dataset(kind, channels, height, width, classes, classNames, normalization, pixels.subset(indices), chosenLabels);
    }

    /**
     * The same images under another kind and normalisation, for example CINIC-10 stored as CIFAR-10 records; pixels are shared.
     *
     * @param otherKind which images they are to be taken for
     * @param otherNormalization for as many channels
     * @param otherClassNames one a class, or none
     * @return a set of the same images, with the same {@link #contentHash()}
     * @throws DataException if the normalisation is for another number of channels, or there is not one name a class (or none)
     */
    public Dataset as(DatasetKind otherKind, Normalization otherNormalization, List<String> otherClassNames) {
        Dataset other = ofPixels(otherKind, channels, height, width, classes, otherClassNames, otherNormalization, pixels, labels);
        other.contentHash = contentHash;
        return other;
    }

    /**
     * SHA-256 in lower-case hexadecimal of what the set holds: count, channels, height, width and classes as big-endian 32-bit integers,
     * then label byte and pixel bytes of every image in order. Computed when first asked for, then kept.
     *
     * @return 64 digits
     */
    public String contentHash() {
        String known = contentHash;
        if (known == null) {
            MessageDigest digest = sha256();
            digest.update(ByteBuffer.allocate(5 * Integer.BYTES).putInt(count()).putInt(channels).putInt(height).putInt(width)
                    .putInt(classes).flip());
            byte[] scratch = new byte[imageBytes()];
            for (int i = 0; i < count(); i++) {
                digest.update(labels[i]);
                digest.update(pixels(i, scratch), 0, scratch.length);
            }
            known = HexFormat.of().formatHex(digest.digest());
            contentHash = known;
        }
        return known;
    }

    /** {@return SHA-256 in lower-case hexadecimal of the labels alone, one byte an image in order: what a split depends on} */
    public String labelHash() {
        MessageDigest digest = sha256();
        digest.update(labels);
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return kind.title() + ", " + count() + " images " + channels + "×" + height + "×" + width + ", " + classes + " classes";
    }
}
