package dev.fedtiny.engine.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.ByteSource;
import dev.fedtiny.engine.layer.AveragePool2d;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.MaxPool2d;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.onnx.OnnxModel.Attribute;
import dev.fedtiny.engine.onnx.OnnxModel.Node;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Pool2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Written pools by the letter of their operator set, as runtimes have it: before set 22 no window is left out, and before set 19 a mean
 * over padding that counts is over the whole kernel, also where that reaches beyond the padding.
 */
class PoolExportTest {
    private static final int CASES = 80;

    private static byte[] written(Layer pool) {
        return OnnxBytes.bytes(GraphExport.write(state(pool)));
    }

    private static ModelState state(Layer pool) {
        Network.Builder net = Network.builder(pool.inputs().getFirst());
        net.add(pool);
        return Initializer.initialize(net.build(), 1);
    }

    private static OnnxModel parsed(byte[] file) throws IOException {
        return OnnxParser.parse(ByteSource.of(file, "pool.onnx"));
    }

    private static float[] images(int length) {
        float[] images = new float[length];
        RandomStream random = RandomStream.of(6, "images");
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) (random.nextDouble() - 2);
        }
        return images;
    }

    private static float[] outputs(ModelState state) {
        try (Session session = Session.open(state, Mode.INFERENCE, 1)) {
            session.setImages(images(state.network().input().size()), 1);
            session.forward(1);
            return session.outputs().clone();
        }
    }

    @Test
    void everyRuntimeComputesTheSameWindows() throws IOException {
        RandomStream random = RandomStream.of(1, "pools");
        for (int i = 0; i < CASES; i++) {
            Shape map = new Shape(1, 1 + random.nextInt(9), 2 + random.nextInt(8));
            PerAxis kernel = new PerAxis(1 + random.nextInt(Math.min(4, map.height())), 1 + random.nextInt(Math.min(4, map.width())));
            Padding padding = random.nextInt(3) == 0 ? Padding.NONE : new Padding(random.nextInt(kernel.height()),
                    random.nextInt(kernel.width()), random.nextInt(kernel.height()), random.nextInt(kernel.width()));
            Pool2dGeometry geometry = new Pool2dGeometry(map, kernel, new PerAxis(1 + random.nextInt(4), 1 + random.nextInt(4)), padding,
                    random.nextInt(4) > 0);
            for (Layer pool : List.of(new MaxPool2d(0, geometry), new AveragePool2d(0, geometry, false),
                    new AveragePool2d(0, geometry, true))) {
                check(pool);
            }
        }
    }

    private static void check(Layer pool) throws IOException {
        Shape map = pool.inputs().getFirst();
        float[] expected = outputs(state(pool));
        byte[] file = written(pool);
        assertArrayEquals(expected, outputs(OnnxFile.load(new ByteArrayInputStream(file))), pool.toString());
        OnnxModel model = parsed(file);
        Windows windows = new Windows(model.nodes().getLast(), model.opset(), model.inputs().getFirst().shape().orElseThrow().size(), map);
        assertEquals(expected.length, windows.outputs(0) * windows.outputs(1), pool + " written as " + model.nodes().getLast());
        assertArrayEquals(expected, windows.compute(images(map.size())), 1e-5f, pool.toString());
    }

    @Test
    void laterOperatorSetsOnlyWhereNeeded() throws IOException {
        Shape map = new Shape(1, 4, 4);
        Pool2dGeometry beyond = new Pool2dGeometry(map, PerAxis.both(3), PerAxis.both(2), Padding.all(1), true);
        Pool2dGeometry within = new Pool2dGeometry(map, PerAxis.both(3), PerAxis.both(2), Padding.all(1), false);
        assertEquals(19, parsed(written(new AveragePool2d(0, beyond, true))).opset());
        assertEquals(17, parsed(written(new AveragePool2d(0, beyond, false))).opset());
        assertEquals(17, parsed(written(new AveragePool2d(0, within, true))).opset());
        assertEquals(17, parsed(written(new MaxPool2d(0, beyond))).opset());
    }

    /** One channel's windows as a node says them; of one dimension the rows are one. */
    private record Windows(Node node, long opset, int rank, Shape map) {
        private int of(String attribute, int place, int axis) {
            if (rank == 3 && axis == 0) {
                return attribute.equals("pads") ? 0 : 1;
            }
            Attribute.Wholes list = (Attribute.Wholes) node.attributes().get(attribute);
            return list.values().get(place * (rank - 2) + axis - (4 - rank)).intValue();
        }

        private boolean flag(String attribute) {
            return node.attributes().get(attribute) instanceof Attribute.Whole whole && whole.value() != 0;
        }

        private int extent(int axis) {
            return axis == 0 ? map.height() : map.width();
        }

        private int padded(int axis) {
            return extent(axis) + of("pads", 0, axis) + of("pads", 1, axis);
        }

        private int outputs(int axis) {
            int room = padded(axis) - of("kernel_shape", 0, axis);
            int stride = of("strides", 0, axis);
            int outputs = (flag("ceil_mode") ? Math.ceilDiv(room, stride) : room / stride) + 1;
            boolean leftOut = opset >= 22 && (outputs - 1) * stride >= extent(axis) + of("pads", 0, axis);
            return leftOut ? outputs - 1 : outputs;
        }

        private float[] compute(float[] image) {
            float[] values = new float[outputs(0) * outputs(1)];
            for (int i = 0; i < values.length; i++) {
                values[i] = value(image, i / outputs(1) * of("strides", 0, 0), i % outputs(1) * of("strides", 0, 1));
            }
            return values;
        }

        /** Of the window that begins in this row and column of the padded map. */
        private float value(float[] image, int row, int column) {
            double sum = 0;
            float largest = Float.NEGATIVE_INFINITY;
            int pixels = 0;
            int counted = 0;
            for (int r = row; r < row + of("kernel_shape", 0, 0); r++) {
                for (int c = column; c < column + of("kernel_shape", 0, 1); c++) {
                    int y = r - of("pads", 0, 0);
                    int x = c - of("pads", 0, 1);
                    counted += opset < 19 || r < padded(0) && c < padded(1) ? 1 : 0;
                    if (y >= 0 && y < map.height() && x >= 0 && x < map.width()) {
                        pixels++;
                        sum += image[y * map.width() + x];
                        largest = Math.max(largest, image[y * map.width() + x]);
                    }
                }
            }
            assertTrue(pixels > 0, node.toString());
            return node.operator().equals("MaxPool") ? largest : (float) (sum / (flag("count_include_pad") ? counted : pixels));
        }
    }
}
