package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.model.ImageForm;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;

/**
 * The images of a batch as bytes, N,C,H,W. What a byte stands for is looked up where a step lays its input out in scratch, in the forward
 * pass and again in the backward pass, so the batch exists in float32 nowhere.
 */
final class ByteImages {
    /** Bytes that a table of what bytes stand for takes, a channel. */
    private static final int TABLE_BYTES = Float.BYTES << Byte.SIZE;

    private final RunContext pass;
    private final Shape shape;
    private final ImageForm.Bytes form;
    /** Null until memory is allocated. */
    private byte[] pixels;

    private ByteImages(RunContext pass, Shape shape, ImageForm.Bytes form) {
        this.pass = pass;
        this.shape = shape;
        this.form = form;
    }

    /**
     * The images of a session.
     *
     * @return null where they are floats
     * @throws IllegalArgumentException if bytes have values for other channels than the network has
     */
    static ByteImages of(RunContext pass, Shape shape, ImageForm form) {
        return switch (form) {
            case ImageForm.Floats _ -> null;
            case ImageForm.Bytes bytes -> {
                if (bytes.channels() != shape.channels()) {
                    throw new IllegalArgumentException("session: images are held as bytes that stand for values of " + bytes.channels()
                            + " channels, expected " + shape.channels() + " as the network takes images of " + shape
                            + "; give ImageForm.bytes one mean and one deviation a channel");
                }
                yield new ByteImages(pass, shape, bytes);
            }
        };
    }

    void allocate() {
        pixels = new byte[pass.batch * shape.size()];
    }

    /** The live array. */
    byte[] pixels() {
        return pixels;
    }

    /** Bytes of the images and of what bytes stand for. */
    long bytes() {
        return (long) pass.batch * shape.size() + (long) TABLE_BYTES * shape.channels();
    }

    /** Takes images, N,C,H,W. */
    void set(byte[] nchw, int count) {
        System.arraycopy(nchw, 0, pixels, 0, count * shape.size());
    }

    /** Lays channels {@code [from, to)} of a group out as floats, halo included; lanes without an image become zeros. */
    void read(int group, float[] scratch, int base, Placement placement, int from, int to) {
        placement.clearHalo(scratch, base, from, to);
        int lanes = pass.lanes(group);
        for (int c = from; c < to; c++) {
            for (Placement.Part part : placement.parts()) {
                int at = base + c * placement.channel() + part.place();
                for (int row = 0; row < part.rows(); row++, at += part.pitch()) {
                    int pixel = (part.source() + row * part.sourcePitch()) / Layout.LANES;
                    readRow(group, lanes, c, pixel, part.sourceStep() / Layout.LANES, part.columns(), scratch, at, part.step());
                }
            }
        }
    }

    private void readRow(int group, int lanes, int channel, int pixel, int pixelStep, int columns, float[] scratch, int at, int step) {
        for (int lane = 0; lane < lanes; lane++) {
            int from = ((group * Layout.LANES + lane) * shape.channels() + channel) * shape.pixels() + pixel;
            for (int i = 0; i < columns; i++) {
                scratch[at + lane + i * step] = form.value(channel, pixels[from + i * pixelStep]);
            }
        }
        for (int i = 0; i < columns && lanes < Layout.LANES; i++) {
            Arrays.fill(scratch, at + i * step + lanes, at + i * step + Layout.LANES, 0);
        }
    }
}
