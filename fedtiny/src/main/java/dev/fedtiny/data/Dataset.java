package dev.fedtiny.data;

import dev.fedtiny.engine.model.ImageForm;
import dev.fedtiny.engine.tensor.Shape;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * An immutable, non-empty set of labelled images, one unsigned byte a value, kept as read: {@link BatchLoader} loads a batch at a time,
 * which becomes floats where a network reads it. Bytes held: {@code count · (channels · height · width + 21)} or so, 5 an image where the
 * pixels lie in a mapped file ({@link ImageFile}). A subset shares the pixels of its images and keeps nothing else alive, so a device that
 * holds only its part costs only its part. Thread-safe.
 */
public final class Dataset implements Samples {
    /** The most classes that one label byte can tell apart. */
    public static final int MAXIMUM_CLASSES = 256;

    private final DatasetDescription description;
    private final Shape shape;
    private final Pixels pixels;
    private final byte[] labels;
    /** Computed when first asked for; a race computes the same value twice. */
    private volatile String contentHash;

    /** Takes the arrays over without a copy; everything was checked by the caller. */
    private Dataset(DatasetDescription description, Pixels pixels, byte[] labels) {
        this.description = description;
        this.shape = new Shape(description.channels(), description.height(), description.width());
        this.pixels = pixels;
        this.labels = labels;
    }

    /**
     * A set of the given images, which are copied.
     *
     * @param description what they are
     * @param pixels one array an image, channels × height × width, row-major
     * @param labels one an image
     * @return the set
     * @throws DataException if there is no image, or sizes, counts or labels are not those described
     */
    public static Dataset of(DatasetDescription description, byte[][] pixels, int[] labels) {
        if (pixels.length != labels.length) {
            throw new DataException("data set has " + pixels.length + " images but " + labels.length
                    + " labels, expected one label an image");
        }
        byte[][] copies = new byte[pixels.length][];
        byte[] labelBytes = new byte[labels.length];
        for (int i = 0; i < pixels.length; i++) {
            copies[i] = pixels[i].clone();
            if (labels[i] < 0 || labels[i] >= description.classes()) {
                throw new DataException("image " + i + " has label " + labels[i] + ", expected 0 to " + (description.classes() - 1));
            }
            labelBytes[i] = (byte) labels[i];
        }
        return ofOwned(description, copies, labelBytes);
    }

    /** As {@link #of}, but the arrays become the data set's own, and labels were checked by the reader. */
    static Dataset ofOwned(DatasetDescription description, byte[][] pixels, byte[] labels) {
        for (int i = 0; i < pixels.length; i++) {
            if (pixels[i].length != description.imageBytes()) {
                throw new DataException("image " + i + " has " + pixels[i].length + " values, expected " + description.channels() + "×"
                        + description.height() + "×" + description.width() + " = " + description.imageBytes());
            }
        }
        return ofPixels(description, new Pixels.Heap(pixels), labels);
    }

    /** A set whose images have the right size and whose labels were checked by the reader. */
    static Dataset ofPixels(DatasetDescription description, Pixels pixels, byte[] labels) {
        if (pixels.count() == 0) {
            throw new DataException("data set has no images, expected at least one");
        }
        return new Dataset(description, pixels, labels);
    }

    /** {@return which images these are} */
    public DatasetKind kind() {
        return description.kind();
    }

    /** {@return the number of images, at least 1} */
    public int count() {
        return pixels.count();
    }

    /** {@return channels of every image} */
    public int channels() {
        return description.channels();
    }

    /** {@return height of every image in pixels} */
    public int height() {
        return description.height();
    }

    /** {@return width of every image in pixels} */
    public int width() {
        return description.width();
    }

    @Override
    public Shape shape() {
        return shape;
    }

    /** The normalised image, without augmentation. Allocates an image; {@link BatchLoader} does not. */
    @Override
    public void write(int i, float[] into, int offset, int stride) {
        new SampleWriter(shape.channels(), shape.height(), shape.width()).write(this, i, Augmentation.NONE, null, into, offset,
                shape.pixels() * stride, stride);
    }

    /** {@return black, normalised} */
    @Override
    public float outside(int channel) {
        return normalization().normalize(channel, (byte) 0);
    }

    /** {@return the number of classes; labels run from 0 to one less, and a subset keeps the number though it may miss some} */
    public int classes() {
        return description.classes();
    }

    /** {@return one name a class, or an empty list when the names are not known} */
    public List<String> classNames() {
        return description.classNames();
    }

    /**
     * A class for messages: its label and, where it is known, its name.
     *
     * @param label from 0
     * @return for example {@code 3 'cat'}
     */
    public String classTitle(int label) {
        return classNames().isEmpty() ? Integer.toString(label) : label + " '" + classNames().get(label) + "'";
    }

    /** {@return classes of which there is no image, for messages; empty when there are images of all} */
    public String missingClasses() {
        int[] counts = classCounts();
        return IntStream.range(0, classes()).filter(label -> counts[label] == 0).mapToObj(this::classTitle)
                .collect(Collectors.joining(", "));
    }

    /** {@return how pixel bytes become network inputs} */
    public Normalization normalization() {
        return description.normalization();
    }

    /** {@return how a session holds these images as the bytes they are, normalised where a layer reads them} */
    public ImageForm.Bytes form() {
        return ImageForm.bytes(channels(), normalization()::normalize);
    }

    /** {@return values of one image: channels · height · width} */
    public int imageBytes() {
        return description.imageBytes();
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
        int[] counts = new int[classes()];
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
        return new Dataset(description, pixels.subset(indices), chosenLabels);
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
        Dataset other = ofPixels(description.as(otherKind, otherNormalization, otherClassNames), pixels, labels);
        other.contentHash = contentHash;
        return other;
    }

    /**
     * The same images by a run's figures, where this set's were measured from images that are not all of the run's; figures that were
     * published, and those of another number of channels, stay.
     *
     * @param figures measured from all training images, or published
     * @return a set of the same images; this one where its figures stay
     */
    public Dataset measuredAs(Normalization figures) {
        boolean other = normalization().isMeasured() && !normalization().equals(figures) && figures.channels() == channels();
        return other ? as(kind(), figures, classNames()) : this;
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
            MessageDigest digest = Sha256.begin();
            digest.update(ByteBuffer.allocate(5 * Integer.BYTES).putInt(count()).putInt(channels()).putInt(height()).putInt(width())
                    .putInt(classes()).flip());
            byte[] scratch = new byte[imageBytes()];
            for (int i = 0; i < count(); i++) {
                digest.update(labels[i]);
                digest.update(pixels(i, scratch), 0, scratch.length);
            }
            known = Sha256.text(digest);
            contentHash = known;
        }
        return known;
    }

    /** {@return SHA-256 in lower-case hexadecimal of the labels alone, one byte an image in order: what a split depends on} */
    public String labelHash() {
        MessageDigest digest = Sha256.begin();
        digest.update(labels);
        return Sha256.text(digest);
    }

    @Override
    public String toString() {
        return kind().title() + ", " + count() + " images " + channels() + "×" + height() + "×" + width() + ", " + classes()
                + " classes";
    }
}
