package dev.fedtiny.benchmarks.jmh;

import dev.fedtiny.engine.internal.kernel.Alignment;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Work on the output of one convolution, whole batch, groups shared out between workers. */
@State(Scope.Benchmark)
public abstract class OutputBenchmark extends TeamBenchmark {
    static final int ORIGIN = Alignment.ORIGIN;

    Shape shape;
    int groups;
    private GroupWork work;
    private final Workers.Task share = this::share;

    /** What is done to one image group. */
    interface GroupWork {
        void run(int group);
    }

    /** Model and layer whose output it is. */
    abstract String layer();

    /** Fills the maps. */
    abstract void fill();

    /** Compares every kernel with its plain twin, bit for bit. */
    abstract void verify();

    @Override
    final void prepare(Workers team) {
        shape = LayerShape.ofKey(layer()).geometry().output();
        groups = Math.ceilDiv(batch, Layout.LANES);
        fill();
        verify();
    }

    /** Random numbers around zero. */
    static float[] random(String what, int count) {
        RandomStream random = RandomStream.of(1, "benchmark-" + what);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextDouble() - 0.5);
        }
        return values;
    }

    private void share(int worker, int count) {
        for (int g = groups * worker / count; g < groups * (worker + 1) / count; g++) {
            work.run(g);
        }
    }

    /** Every worker does its share of the groups; reports the bytes that all of them walked over. */
    final void runGroups(GroupWork what, double bytes, Counters counters) {
        work = what;
        run(share, bytes, counters);
    }

    /** The complaint about a kernel. */
    final IllegalStateException differs(String kernel) {
        return new IllegalStateException("benchmark: kernel " + kernel + " differs from its plain twin on " + layer());
    }
}
