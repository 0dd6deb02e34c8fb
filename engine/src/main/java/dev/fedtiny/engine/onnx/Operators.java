package dev.fedtiny.engine.onnx;

import dev.fedtiny.engine.layer.Activation;
import dev.fedtiny.engine.layer.Activation.Function;
import dev.fedtiny.engine.layer.Add;
import dev.fedtiny.engine.layer.AveragePool2d;
import dev.fedtiny.engine.layer.BatchNorm2d;
import dev.fedtiny.engine.layer.Clamp;
import dev.fedtiny.engine.layer.Concat;
import dev.fedtiny.engine.layer.Conv2d;
import dev.fedtiny.engine.layer.Dropout;
import dev.fedtiny.engine.layer.Flatten;
import dev.fedtiny.engine.layer.GlobalAveragePool;
import dev.fedtiny.engine.layer.GroupNorm;
import dev.fedtiny.engine.layer.Identity;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.LayerNorm;
import dev.fedtiny.engine.layer.Linear;
import dev.fedtiny.engine.layer.MaxPool2d;
import dev.fedtiny.engine.layer.Multiply;
import dev.fedtiny.engine.layer.Repeat;
import dev.fedtiny.engine.layer.Softmax;
import dev.fedtiny.engine.layer.Upsample;
import dev.fedtiny.engine.onnx.GraphExport.LayerWriter;
import dev.fedtiny.engine.onnx.GraphExport.Place;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** The operators that are read, and the layers that are written. */
final class Operators {
    /** By the operator's name. */
    static final Map<String, OperatorReader> READERS = new TreeMap<>();
    /** By the layer's class. */
    static final Map<Class<?>, LayerWriter> WRITERS = new HashMap<>();

    static {
        READERS.put("Add", Joins::add);
        READERS.put("AveragePool", Pools::average);
        READERS.put("BatchNormalization", Normalizations::batchNormalization);
        READERS.put("Cast", Reshapes::cast);
        READERS.put("Clip", Activations::clip);
        READERS.put("Concat", Joins::concat);
        READERS.put("Conv", Convolutions::convolution);
        READERS.put("Div", Joins::divide);
        READERS.put("Dropout", Reshapes::dropout);
        READERS.put("Flatten", Reshapes::flatten);
        READERS.put("Gather", Reshapes::gather);
        READERS.put("Gelu", Activations::gelu);
        READERS.put("Gemm", Convolutions::gemm);
        READERS.put("GlobalAveragePool", Pools::globalAverage);
        READERS.put("GlobalMaxPool", Pools::globalMax);
        READERS.put("GroupNormalization", Normalizations::groupNormalization);
        READERS.put("HardSigmoid", Activations::hardSigmoid);
        READERS.put("HardSwish", Activations.plain(Function.HARD_SWISH));
        READERS.put("Identity", Reshapes::identity);
        READERS.put("InstanceNormalization", Normalizations::instanceNormalization);
        READERS.put("LayerNormalization", Normalizations::layerNormalization);
        READERS.put("LeakyRelu", Activations::leakyRelu);
        READERS.put("MatMul", Convolutions::matMul);
        READERS.put("MaxPool", Pools::max);
        READERS.put("Mul", Joins::multiply);
        READERS.put("ReduceMax", Pools::reduceMax);
        READERS.put("ReduceMean", Pools::reduceMean);
        READERS.put("Relu", Activations::relu);
        READERS.put("Reshape", Reshapes::reshape);
        READERS.put("Resize", Pools::resize);
        READERS.put("Shape", Reshapes::shapeOf);
        READERS.put("Sigmoid", Activations.plain(Function.SIGMOID));
        READERS.put("Slice", ShapeArithmetic::slice);
        READERS.put("Softmax", Activations::softmax);
        READERS.put("Squeeze", Reshapes::squeeze);
        READERS.put("Sub", Joins::subtract);
        READERS.put("Sum", Joins::sumOfAll);
        READERS.put("Tanh", Activations.plain(Function.TANH));
        READERS.put("Transpose", Reshapes::transpose);
        READERS.put("Unsqueeze", Reshapes::unsqueeze);

        write(Activation.class, Activations::write);
        write(Add.class, Joins::write);
        write(AveragePool2d.class, Pools::write);
        write(BatchNorm2d.class, Normalizations::write);
        write(Clamp.class, Activations::write);
        write(Concat.class, Joins::write);
        write(Conv2d.class, Convolutions::write);
        write(Dropout.class, Reshapes::write);
        write(Flatten.class, Reshapes::write);
        write(GlobalAveragePool.class, Pools::write);
        write(GroupNorm.class, Normalizations::write);
        write(Identity.class, Reshapes::write);
        write(LayerNorm.class, Normalizations::write);
        write(Linear.class, Convolutions::write);
        write(MaxPool2d.class, Pools::write);
        write(Multiply.class, Joins::write);
        write(Repeat.class, Pools::write);
        write(Softmax.class, Activations::write);
        write(Upsample.class, Pools::write);
    }

    private Operators() {
    }

    private static <L extends Layer> void write(Class<L> type, BiConsumer<L, Place> writer) {
        WRITERS.put(type, (layer, to) -> writer.accept(type.cast(layer), to));
    }
}
