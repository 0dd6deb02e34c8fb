package dev.fedtiny.engine.reference;

import dev.fedtiny.engine.layer.Add;
import dev.fedtiny.engine.layer.BatchNorm2d;
import dev.fedtiny.engine.layer.Clamp;
import dev.fedtiny.engine.layer.Conv2d;
import dev.fedtiny.engine.layer.Dropout;
import dev.fedtiny.engine.layer.GlobalAveragePool;
import dev.fedtiny.engine.layer.Identity;
import dev.fedtiny.engine.layer.Input;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.Linear;
import dev.fedtiny.engine.layer.MaxPool2d;
import dev.fedtiny.engine.layer.Repeat;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.testing.BatchNorm2dReference;
import dev.fedtiny.engine.testing.BatchNorm2dReference.Statistics;
import dev.fedtiny.engine.testing.Conv2dReference;
import dev.fedtiny.engine.testing.ElementwiseReference;
import dev.fedtiny.engine.testing.LinearReference;
import dev.fedtiny.engine.testing.MaxPool2dReference;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;

/** The layers of the engine in double precision. A test adds its own by {@link #add}. */
public final class LayerReferences {
    private static final Map<Class<? extends Layer>, LayerReference<?>> ALL = new HashMap<>();

    static {
        OperatorReferences.addAll();
        add(Input.class, of((layer, pass) -> pass.input(), (pass, dy) -> { }));
        add(Conv2d.class, new Convolution());
        add(Linear.class, new FullyConnected());
        add(BatchNorm2d.class, new Normalization());
        add(Clamp.class, new Clamping());
        add(MaxPool2d.class, new LargestOfWindows());
        add(Add.class, of((layer, pass) -> ElementwiseReference.add(pass.x(0), pass.x(1)), (pass, dy) -> {
            pass.flow(0, dy);
            pass.flow(1, dy);
        }));
        add(Identity.class, of((layer, pass) -> pass.x(0), (pass, dy) -> pass.flow(0, dy)));
        add(GlobalAveragePool.class, new LayerReference<>() {
            @Override
            public double[] forward(GlobalAveragePool layer, LayerPass pass) {
                return ElementwiseReference.globalAveragePool(pass.images(), layer.input(), pass.x(0));
            }

            @Override
            public void backward(GlobalAveragePool layer, LayerPass pass, double[] dy) {
                pass.flow(0, ElementwiseReference.globalAveragePoolGradient(pass.images(), layer.input(), dy));
            }
        });
        add(Repeat.class, new LayerReference<>() {
            @Override
            public double[] forward(Repeat layer, LayerPass pass) {
                return ElementwiseReference.repeat(pass.images(), layer.output(), pass.x(0));
            }

            @Override
            public void backward(Repeat layer, LayerPass pass, double[] dy) {
                pass.flow(0, ElementwiseReference.repeatGradient(pass.images(), layer.output(), dy));
            }
        });
        add(Dropout.class, new LayerReference<>() {
            private boolean drops(Dropout layer, LayerPass pass) {
                return pass.mode() == Mode.TRAINING && layer.probability() > 0;
            }

            @Override
            public double[] forward(Dropout layer, LayerPass pass) {
                return drops(layer, pass) ? ElementwiseReference.dropout(pass.x(0), pass.dropoutFactors()) : pass.x(0);
            }

            @Override
            public void backward(Dropout layer, LayerPass pass, double[] dy) {
                pass.flow(0, drops(layer, pass) ? ElementwiseReference.dropout(dy, pass.dropoutFactors()) : dy);
            }
        });
    }

    private LayerReferences() {
    }

    /** Makes a reference known. */
    public static <L extends Layer> void add(Class<L> layers, LayerReference<L> reference) {
        ALL.put(layers, reference);
    }

    private static <L extends Layer> LayerReference<L> of(BiFunction<L, LayerPass, double[]> forward,
            BiConsumer<LayerPass, double[]> backward) {
        return new LayerReference<>() {
            @Override
            public double[] forward(L layer, LayerPass pass) {
                return forward.apply(layer, pass);
            }

            @Override
            public void backward(L layer, LayerPass pass, double[] dy) {
                backward.accept(pass, dy);
            }
        };
    }

    /** The reference of a layer. */
    @SuppressWarnings("unchecked")
    static LayerReference<Layer> of(Layer layer) {
        LayerReference<?> reference = ALL.get(layer.getClass());
        if (reference == null) {
            throw new IllegalArgumentException("there is no reference of " + layer.describe() + "; add one to LayerReferences");
        }
        return (LayerReference<Layer>) reference;
    }

    private static double relative(double smallest, double[] x) {
        double largest = Double.MIN_NORMAL;
        for (double value : x) {
            largest = Math.max(largest, Math.abs(value));
        }
        return smallest / largest;
    }

    private static final class Convolution implements LayerReference<Conv2d> {
        @Override
        public double[] forward(Conv2d layer, LayerPass pass) {
            return new Conv2dReference(layer.geometry()).forward(pass.images(), pass.x(0), pass.parameter(0),
                    layer.bias() ? pass.parameter(1) : null);
        }

        @Override
        public void backward(Conv2d layer, LayerPass pass, double[] dy) {
            Conv2dReference conv = new Conv2dReference(layer.geometry());
            pass.gradient(0, conv.weightGradient(pass.images(), pass.x(0), dy));
            if (layer.bias()) {
                pass.gradient(1, conv.biasGradient(dy));
            }
            pass.flow(0, conv.inputGradient(pass.images(), pass.parameter(0), dy));
        }
    }

    private static final class FullyConnected implements LayerReference<Linear> {
        private static LinearReference linear(Linear layer) {
            return new LinearReference(layer.features(), layer.outputs());
        }

        @Override
        public double[] forward(Linear layer, LayerPass pass) {
            return linear(layer).forward(pass.images(), pass.x(0), pass.parameter(0), layer.bias() ? pass.parameter(1) : null);
        }

        @Override
        public void backward(Linear layer, LayerPass pass, double[] dy) {
            pass.gradient(0, linear(layer).weightGradient(pass.images(), pass.x(0), dy));
            if (layer.bias()) {
                pass.gradient(1, linear(layer).biasGradient(dy));
            }
            pass.flow(0, linear(layer).inputGradient(pass.images(), pass.parameter(0), dy));
        }
    }

    private static final class Normalization implements LayerReference<BatchNorm2d> {
        private static BatchNorm2dReference reference(BatchNorm2d layer) {
            return new BatchNorm2dReference(layer.output(), layer.epsilon(), layer.momentum());
        }

        private static boolean usesBatch(BatchNorm2d layer, LayerPass pass) {
            return pass.mode() != Mode.INFERENCE && layer.training() == BatchNorm2d.Statistics.BATCH;
        }

        private static Statistics statistics(BatchNorm2d layer, LayerPass pass) {
            return usesBatch(layer, pass) ? reference(layer).statistics(pass.x(0)) : new Statistics(pass.parameter(2), pass.parameter(3));
        }

        @Override
        public double[] forward(BatchNorm2d layer, LayerPass pass) {
            Statistics statistics = statistics(layer, pass);
            if (usesBatch(layer, pass)) {
                pass.move(2, reference(layer).runningMean(pass.parameter(2), statistics));
                pass.move(3, reference(layer).runningVariance(pass.images(), pass.parameter(3), statistics));
            }
            return reference(layer).apply(pass.x(0), statistics, pass.parameter(0), pass.parameter(1));
        }

        @Override
        public void backward(BatchNorm2d layer, LayerPass pass, double[] dy) {
            BatchNorm2dReference.Gradients result = usesBatch(layer, pass)
                    ? reference(layer).gradients(pass.x(0), statistics(layer, pass), pass.parameter(0), dy)
                    : reference(layer).frozenGradients(pass.x(0), statistics(layer, pass), pass.parameter(0), dy);
            pass.gradient(0, result.gamma());
            pass.gradient(1, result.beta());
            pass.flow(0, result.x());
        }
    }

    private static final class Clamping implements LayerReference<Clamp> {
        @Override
        public double[] forward(Clamp layer, LayerPass pass) {
            return ElementwiseReference.clamp(pass.x(0), layer.lower(), layer.upper());
        }

        @Override
        public void backward(Clamp layer, LayerPass pass, double[] dy) {
            pass.flow(0, ElementwiseReference.clampGradient(pass.x(0), dy, layer.lower(), layer.upper()));
        }

        @Override
        public long pattern(Clamp layer, LayerPass pass) {
            long hash = 1;
            for (double x : pass.x(0)) {
                hash = 31 * hash + (x > layer.lower() ? 1 : 0) + (x > layer.upper() ? 1 : 0);
            }
            return hash;
        }

        @Override
        public double margin(Clamp layer, LayerPass pass) {
            double smallest = Double.POSITIVE_INFINITY;
            for (double value : pass.x(0)) {
                for (double bound : new double[] {layer.lower(), layer.upper()}) {
                    smallest = value == bound ? smallest : Math.min(smallest, Math.abs(value - bound));
                }
            }
            return relative(smallest, pass.x(0));
        }
    }

    private static final class LargestOfWindows implements LayerReference<MaxPool2d> {
        private static MaxPool2dReference pool(MaxPool2d layer) {
            return new MaxPool2dReference(layer.geometry());
        }

        @Override
        public double[] forward(MaxPool2d layer, LayerPass pass) {
            return pool(layer).forward(pass.x(0), pool(layer).winners(pass.images(), pass.x(0)));
        }

        @Override
        public void backward(MaxPool2d layer, LayerPass pass, double[] dy) {
            pass.flow(0, pool(layer).inputGradient(pass.images(), pool(layer).winners(pass.images(), pass.x(0)), dy));
        }

        @Override
        public long pattern(MaxPool2d layer, LayerPass pass) {
            long hash = 1;
            for (int winner : pool(layer).winners(pass.images(), pass.x(0))) {
                hash = 31 * hash + winner;
            }
            return hash;
        }

        @Override
        public double margin(MaxPool2d layer, LayerPass pass) {
            return relative(pool(layer).margin(pass.images(), pass.x(0)), pass.x(0));
        }
    }
}
