package dev.fedtiny.data;

import dev.fedtiny.engine.model.ImageForm;
import dev.fedtiny.engine.model.InputGradient;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;
import java.util.Objects;

/**
 * Writes batches of augmented images straight into where a session has them: as bytes, or normalised in the engine's layout
 * {@code [group][C][H][W][8]}: value (n, c, h, w) is at {@code (((n / 8) · C + c) · H·W + h·W + w) · 8 + n % 8}, lanes of a partial last
 * group zero. Both give the same bits. Allocates nothing after construction. Not thread-safe. Images are written one after the other and
 * take their random numbers from one stream in that order, so a batch does not depend on threads, nor on whether it is loaded in one call
 * or several with the same stream.
 */
public final class BatchLoader {
    /** Images that lie side by side in the innermost dimension. */
    public static final int LANES = 8;

    private final int channels;
    private final int pixels;
    private final SampleWriter writer;
    /** What bytes of the last session stand for, and the samples that they were compared with. */
    private ImageForm.Bytes checkedForm;
    private Dataset checkedImages;

    /**
     * For images of this size.
     *
     * @param channels C
     * @param height H
     * @param width W
     * @throws IllegalArgumentException if a size is not positive
     */
    public BatchLoader(int channels, int height, int width) {
        this.writer = new SampleWriter(channels, height, width);
        this.channels = channels;
        this.pixels = height * width;
    }

    /**
     * For images of this data set's size.
     *
     * @param samples any part of the set
     * @return a loader of its own
     */
    public static BatchLoader forImagesOf(Samples samples) {
        Shape shape = samples.shape();
        return new BatchLoader(shape.channels(), shape.height(), shape.width());
    }

    /**
     * The options of a session that samples are to be loaded into: it holds them as bytes where they are images, of bytes, that nothing is
     * cut out of, and where nobody asks for their gradient.
     *
     * @param sessions all other choices
     * @param samples any part of the set
     * @param augmentation of the batches
     * @return a copy
     */
    public static SessionOptions options(SessionOptions sessions, Samples samples, Augmentation augmentation) {
        boolean bytes = samples instanceof Dataset && augmentation.cutoutSize() == 0 && sessions.inputGradient() == InputGradient.NONE;
        return sessions.withImages(bytes ? ((Dataset) samples).form() : ImageForm.FLOATS);
    }

    /**
     * Loads {@code count} images into a session without augmentation; see the other method.
     *
     * @param samples with images of this loader's size
     * @param indices positions in the data set
     * @param from place in {@code indices} of the batch's first image
     * @param count images of the batch
     * @param session has room for them
     * @throws IllegalArgumentException if sizes do not fit
     * @throws IndexOutOfBoundsException if the range or an index is out of range
     */
    public void load(Samples samples, int[] indices, int from, int count, Session session) {
        load(samples, indices, from, count, Augmentation.NONE, null, session);
    }

    /**
     * Loads the images {@code indices[from]} to {@code indices[from + count - 1]} as images 0 to {@code count - 1} of a session's next
     * pass, in the form in which it holds images.
     *
     * @param samples with images of this loader's size
     * @param indices positions in the data set
     * @param from place in {@code indices} of the batch's first image
     * @param count images of the batch
     * @param augmentation {@link Augmentation#NONE} for evaluation
     * @param random may be null only if the augmentation is not random
     * @param session has room for them; opened with {@link #options}, or with images as floats
     * @throws IllegalArgumentException if the images have another size, they are more than the session's batch, or the session holds bytes
     *     that stand for something else
     * @throws IndexOutOfBoundsException if the range or an index is out of range
     */
    public void load(Samples samples, int[] indices, int from, int count, Augmentation augmentation, RandomStream random,
            Session session) {
        switch (session.options().images()) {
            case ImageForm.Floats _ -> load(samples, indices, from, count, augmentation, random, session.input());
            case ImageForm.Bytes form -> load(images(samples, form), indices, from, count, augmentation, random, session.inputBytes());
        }
    }

    /** The samples, which bytes of this form are right for. */
    private Dataset images(Samples samples, ImageForm.Bytes form) {
        if (samples == checkedImages && form == checkedForm) {
            return checkedImages;
        }
        if (!(samples instanceof Dataset images) || !images.form().equals(form)) {
            throw new IllegalArgumentException("the session holds images as " + form + " that stand for other values than those of "
                    + samples + "; open it with BatchLoader.options for these samples");
        }
        checkedImages = images;
        checkedForm = form;
        return images;
    }

    private void load(Dataset images, int[] indices, int from, int count, Augmentation augmentation, RandomStream random, byte[] into) {
        writer.checkSize(images);
        Objects.checkFromIndexSize(from, count, indices.length);
        int size = channels * pixels;
        if (count < 1 || into.length < (long) count * size) {
            throw new IllegalArgumentException("batch of " + count + " images, expected 1 to " + into.length / size
                    + ", the session's batch");
        }
        for (int n = 0; n < count; n++) {
            writer.write(images, indices[from + n], augmentation, random, into, n * size);
        }
    }

    /**
     * How long the array for a batch must be: ⌈count / 8⌉ · C · H · W · 8.
     *
     * @param count images of the batch
     * @return floats, those of lanes that stay zero included
     * @throws IllegalArgumentException if the count is not positive or the batch does not fit an array
     */
    public int batchFloats(int count) {
        long floats = ((long) count + LANES - 1) / LANES * channels * pixels * LANES;
        if (count < 1 || floats > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("batch of " + count + " images of " + channels + "×" + pixels
                    + " values, expected at least one image and a batch that fits one array");
        }
        return (int) floats;
    }

    /**
     * Loads {@code count} images without augmentation; see the other method.
     *
     * @param samples with images of this loader's size
     * @param indices positions in the data set
     * @param from place in {@code indices} of the batch's first image
     * @param count images of the batch
     * @param into at least {@link #batchFloats} long
     * @throws IllegalArgumentException if sizes do not fit
     * @throws IndexOutOfBoundsException if the range or an index is out of range
     */
    public void load(Samples samples, int[] indices, int from, int count, float[] into) {
        load(samples, indices, from, count, Augmentation.NONE, null, into);
    }

    /**
     * Loads the images {@code indices[from]} to {@code indices[from + count - 1]} as images 0 to {@code count - 1} of the batch; writes
     * exactly the first {@link #batchFloats} values.
     *
     * @param indices positions in the data set
     * @param augmentation {@link Augmentation#NONE} for evaluation
     * @param random may be null only if the augmentation is not random
     * @param into at least {@link #batchFloats} long
     * @param samples with images of this loader's size
     * @param from place in {@code indices} of the batch's first image
     * @param count images of the batch
     * @throws IllegalArgumentException if the images have another size or the array is too short
     * @throws IndexOutOfBoundsException if the range or an index is out of range
     */
    public void load(Samples samples, int[] indices, int from, int count, Augmentation augmentation, RandomStream random, float[] into) {
        writer.checkSize(samples);
        int floats = batchFloats(count);
        Objects.checkFromIndexSize(from, count, indices.length);
        if (into.length < floats) {
            throw new IllegalArgumentException("array for a batch of " + count + " images has " + into.length + " floats, expected "
                    + floats);
        }
        int groupFloats = channels * pixels * LANES;
        if (count % LANES != 0) {
            Arrays.fill(into, floats - groupFloats, floats, 0f);
        }
        for (int n = 0; n < count; n++) {
            int base = n / LANES * groupFloats + n % LANES;
            writer.write(samples, indices[from + n], augmentation, random, into, base, pixels * LANES, LANES);
        }
    }

    /**
     * Copies the labels of the same images to the start of {@code into}.
     *
     * @param samples whose labels are taken
     * @param indices positions in the data set
     * @param from place in {@code indices} of the batch's first image
     * @param count images of the batch
     * @param classes labels run from 0 to one less
     * @param into at least {@code count} long
     * @throws IllegalArgumentException if the array is shorter than {@code count}
     * @throws DataException if a label is out of range
     * @throws IndexOutOfBoundsException if the range or an index is out of range
     */
    public static void loadLabels(Samples samples, int[] indices, int from, int count, int classes, int[] into) {
        Objects.checkFromIndexSize(from, count, indices.length);
        if (into.length < count) {
            throw new IllegalArgumentException("array for " + count + " labels has length " + into.length);
        }
        for (int n = 0; n < count; n++) {
            into[n] = samples.label(indices[from + n]);
            if (into[n] < 0 || into[n] >= classes) {
                throw new DataException("sample " + indices[from + n] + " has label " + into[n] + ", expected 0 to " + (classes - 1));
            }
        }
    }
}
