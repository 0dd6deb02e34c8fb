package dev.fedtiny.benchmarks.start;

import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A process that opens an inference session and answers a thousand times, one image a time; it prints {@code start}, milliseconds from the
 * start of the process to the first answer, and then the milliseconds of every answer, on one line. It knows the engine's exported packages
 * only, so that it runs in an image of the engine, too.
 */
public final class FirstAnswers {
    /** Answers of a process. */
    static final int COUNT = 1000;
    private static final Shape IMAGE = new Shape(3, 32, 32);
    private static final int CLASSES = 10;

    private FirstAnswers() {
    }

    /**
     * Runs the process.
     *
     * @param words architecture, width, density
     */
    public static void main(String[] words) {
        ModelState state = state(Architecture.ofKey(words[0]), Integer.parseInt(words[1]), Double.parseDouble(words[2]));
        RandomStream random = RandomStream.of(1, "first-answers");
        float[] image = new float[IMAGE.size()];
        for (int i = 0; i < image.length; i++) {
            image[i] = (float) random.nextGaussian();
        }
        double[] millis = new double[COUNT];
        long start = 0;
        try (Session session = Session.open(state, Mode.INFERENCE, 1)) {
            for (int i = 0; i < COUNT; i++) {
                long begin = System.nanoTime();
                session.setImages(image, 1);
                session.forward(1);
                session.predicted(0);
                millis[i] = (System.nanoTime() - begin) / 1e6;
                if (i == 0) {
                    start = System.currentTimeMillis()
                            - ProcessHandle.current().info().startInstant().orElseThrow().toEpochMilli();
                }
            }
        }
        System.out.println(start + Arrays.stream(millis).mapToObj(one -> String.format(Locale.ROOT, " %.3f", one))
                .collect(Collectors.joining()));
    }

    /** Fresh weights under masks drawn uniformly. */
    private static ModelState state(Architecture architecture, int width, double density) {
        ModelState dense = Initializer.initialize(new NetworkSpec(architecture, IMAGE, width, CLASSES).build(), 1);
        List<Mask> masks = new ArrayList<>(dense.masks());
        for (int p : dense.network().prunable()) {
            int[] positions = Mask.full(dense.mask(p).size()).indices();
            RandomStream.of(1, "first-answers-mask", p).shuffle(positions);
            int[] kept = Arrays.copyOf(positions, Math.max(1, (int) Math.round(density * positions.length)));
            Arrays.sort(kept);
            masks.set(p, Mask.of(positions.length, kept));
        }
        return dense.masked(masks);
    }
}
