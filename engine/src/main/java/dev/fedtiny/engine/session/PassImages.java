package dev.fedtiny.engine.session;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.model.ImageForm;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.NonFiniteException;

/**
 * Images and labels of a session's next pass: copied in, or written into the live arrays. Images of the last pass are gone then: a backward
 * pass and features, which are computed from them, come before.
 */
abstract class PassImages extends LiveParameters {
    PassImages(SessionCore core) {
        super(core);
    }

    /**
     * Images of the next pass: the live array, written by the caller before forward, and after the backward pass of the last one, which
     * reads it. Lanes past the count may hold anything; forward clears them.
     *
     * @return values in layout [group][C][H][W][{@link Layout#LANES LANES}]
     * @throws IllegalStateException if images are held as bytes: {@link Session#inputBytes}
     */
    public float[] input() {
        guard.enter();
        try {
            core.execution.handOutImages();
            guard.imagesSet(SessionGuard.ANY);
            return core.plan.images.data;
        } finally {
            guard.exit();
        }
    }

    /**
     * Images of the next pass where they are held as bytes: the live array, written by the caller before forward, and after the backward
     * pass of the last one, which reads it. Lanes past the count may hold anything.
     *
     * @return values in the order N,C,H,W, as long as a full batch
     * @throws IllegalStateException if images are held as floats: {@link Session#input}
     */
    public byte[] inputBytes() {
        guard.enter();
        try {
            byte[] bytes = core.execution.bytes();
            guard.imagesSet(SessionGuard.ANY);
            return bytes;
        } finally {
            guard.exit();
        }
    }

    /** {@return labels of the next pass, one an image: the live array (length batch)} */
    public int[] labels() {
        guard.look();
        return core.outputs.labels;
    }

    /**
     * Fills {@link Session#input()} from N,C,H,W order.
     *
     * @param nchw values of at least so many whole images, the last extent fastest; copied
     * @param count images, from 1 to the batch
     * @throws IllegalArgumentException if there are not {@code count} images of the network's shape, a part of one, or more than the batch
     * @throws NonFiniteException naming the first image and index that hold NaN or infinity
     * @throws IllegalStateException if images are held as bytes
     */
    public void setImages(float[] nchw, int count) {
        Given.notNull(nchw, "session: images", "values of the images in the order N,C,H,W");
        guard.enter();
        try {
            core.execution.setImages(nchw, count);
            guard.imagesSet(count);
        } finally {
            guard.exit();
        }
    }

    /**
     * Images of the next pass where they are held as bytes ({@link ImageForm#bytes(double[], double[])}), which become the network's input
     * where a layer reads them.
     *
     * @param nchw bytes of at least so many whole images in the order N,C,H,W; copied
     * @param count images, from 1 to the batch
     * @throws IllegalArgumentException if there are not {@code count} images of the network's shape, a part of one, or more than the batch
     * @throws IllegalStateException if images are held as floats
     */
    public void setImages(byte[] nchw, int count) {
        Given.notNull(nchw, "session: images", "bytes of the images in the order N,C,H,W");
        guard.enter();
        try {
            core.execution.setImages(nchw, count);
            guard.imagesSet(count);
        } finally {
            guard.exit();
        }
    }
}
