package dev.fedtiny.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.io.AppendedFile;
import dev.fedtiny.engine.io.AtomicFile;
import dev.fedtiny.engine.io.ByteSource;
import dev.fedtiny.engine.io.FileSignature;
import dev.fedtiny.engine.io.IoProblem;
import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.io.NetworkJson;
import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.engine.io.SafetensorsFile;
import dev.fedtiny.engine.io.SafetensorsWriter;
import dev.fedtiny.engine.io.StateDict;
import dev.fedtiny.engine.io.StateDictSpec;
import dev.fedtiny.engine.io.StoredWeights;
import dev.fedtiny.engine.io.TensorEntry;
import dev.fedtiny.engine.io.WeightStorage;
import dev.fedtiny.engine.layer.Activation;
import dev.fedtiny.engine.layer.Attributes;
import dev.fedtiny.engine.layer.AveragePool2d;
import dev.fedtiny.engine.layer.Clamp;
import dev.fedtiny.engine.layer.Concat;
import dev.fedtiny.engine.layer.Dropout;
import dev.fedtiny.engine.layer.Flatten;
import dev.fedtiny.engine.layer.GlobalAveragePool;
import dev.fedtiny.engine.layer.GroupNorm;
import dev.fedtiny.engine.layer.Identity;
import dev.fedtiny.engine.layer.Input;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.LayerKind;
import dev.fedtiny.engine.layer.LayerKinds;
import dev.fedtiny.engine.layer.LayerNorm;
import dev.fedtiny.engine.layer.MaxPool2d;
import dev.fedtiny.engine.layer.Multiply;
import dev.fedtiny.engine.layer.OperatorLayer;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.layer.Repeat;
import dev.fedtiny.engine.layer.Softmax;
import dev.fedtiny.engine.layer.Upsample;
import dev.fedtiny.engine.layer.View;
import dev.fedtiny.engine.loss.ClassWeights;
import dev.fedtiny.engine.loss.MeanSquaredError;
import dev.fedtiny.engine.loss.Objective;
import dev.fedtiny.engine.measure.Energy;
import dev.fedtiny.engine.measure.MemoryLedger;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.MeterReading;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.ConvolutionShape;
import dev.fedtiny.engine.model.ImageForm;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.onnx.OnnxFile;
import dev.fedtiny.engine.op.Add;
import dev.fedtiny.engine.op.BatchNorm2d;
import dev.fedtiny.engine.op.Conv2d;
import dev.fedtiny.engine.op.CrossEntropy;
import dev.fedtiny.engine.op.Linear;
import dev.fedtiny.engine.op.Operator;
import dev.fedtiny.engine.op.Relu;
import dev.fedtiny.engine.pruning.Allocation;
import dev.fedtiny.engine.pruning.GrowAndPrune;
import dev.fedtiny.engine.pruning.LayerCounts;
import dev.fedtiny.engine.pruning.LayerSelection;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.pruning.MagnitudePruning;
import dev.fedtiny.engine.pruning.RigL;
import dev.fedtiny.engine.runtime.Kernels;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.MemoryEstimate;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.BitmaskWeights;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.CsrWeights;
import dev.fedtiny.engine.sparse.DenseWeights;
import dev.fedtiny.engine.sparse.GradientSink;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.engine.sparse.Weights;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Pool2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.tensor.Tensor;
import dev.fedtiny.engine.train.Adam;
import dev.fedtiny.engine.train.AdamW;
import dev.fedtiny.engine.train.ClipByNorm;
import dev.fedtiny.engine.train.GradientClip;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.engine.train.Trainer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/**
 * Null for any argument of what an embedder calls first is refused by a sentence: whose argument it is, and what is expected. Every other
 * argument of a call is one that would do.
 */
@Tag("once")
class NullArgumentsTest {
    /** Null means something there: no meter. */
    private static final Set<Class<?>> MAY_BE_NULL = Set.of(Meter.class);

    private static final Conv2dGeometry GEOMETRY = new Conv2dGeometry(new Shape(1, 2, 2), 1, 1, 1, 1, 0);

    private static final List<Layer> LAYERS = layers(new Shape(1, 2, 2));

    @TempDir
    private Path folder;
    private Session session;
    private ModelState state;
    private final Map<Class<?>, Object> samples = new HashMap<>();

    /** One layer of every kind. */
    private static List<Layer> layers(Shape shape) {
        Pool2dGeometry pool = new Pool2dGeometry(shape, 1, 1);
        return List.of(new Input(shape), new dev.fedtiny.engine.layer.Conv2d("conv", 0, GEOMETRY, true, true),
                new dev.fedtiny.engine.layer.Linear("linear", 0, shape, 1, true, true),
                new dev.fedtiny.engine.layer.BatchNorm2d("norm", 0, shape), new GroupNorm("norm", 0, shape, 1, 1),
                new LayerNorm("norm", 0, shape, 1), new dev.fedtiny.engine.layer.Add(0, 0, shape), Clamp.relu(0, shape),
                new Activation(Activation.Function.TANH, 0, shape), new Dropout(0, shape, 0.5), new Multiply(0, 0, shape, shape),
                new Concat(List.of(0), List.of(shape)), new Flatten(0, shape), new Identity(0, shape), new Softmax(0, shape),
                new Repeat(0, shape), new Upsample(0, shape, PerAxis.ONE), new GlobalAveragePool(0, shape), new MaxPool2d(0, pool),
                new AveragePool2d(0, pool, true));
    }

    @BeforeEach
    void open() throws IOException {
        NetworkSpec spec = new NetworkSpec(Architecture.MLP, new Shape(1, 2, 2), 3, 2);
        Network network = spec.build();
        state = Initializer.initialize(network, 1);
        session = Session.open(state, Mode.TRAINING, 2);
        Path file = folder.resolve("model");
        ModelFile.save(state, file, ModelFile.Form.DENSE);
        byte[] bytes = Files.readAllBytes(file);
        float[] images = new float[8];
        session.setImages(images, 2);
        session.forward(2);
        samples.putAll(Map.of(ModelState.class, state, Network.class, network, NetworkSpec.class, spec, Session.class, session,
                Workers.class, Workers.of(1), SessionOptions.class, SessionOptions.DEFAULT, AlgorithmPolicy.class,
                AlgorithmPolicy.AUTOMATIC, Path.class, file, Map.class, Map.of("output", new float[4]), String.class, "output"));
        samples.putAll(Map.of(float[].class, images, byte[].class, new byte[8], int[].class, new int[] {network.prunable().getFirst()},
                long[].class, new long[network.parameters().size()], float[][].class, new float[network.parameters().size()][],
                Mask[].class, state.masks().toArray(Mask[]::new), GradientSink[].class, new GradientSink[] {new TopK(1)}, Mask.class,
                state.mask(0), List.class, state.masks()));
        samples.putAll(Map.of(Objective.class, new MeanSquaredError(), Object.class, new int[2], Optimizer.class, new Sgd(0, 0),
                GradientClip.class, new ClipByNorm(1), Predicate.class, (Predicate<Object>) _ -> true, UnaryOperator.class,
                UnaryOperator.identity(), Shape.class, new Shape(1, 2, 2), Layout.class, Layout.IMAGES));
        samples.putAll(Map.of(InputStream.class, new ByteArrayInputStream(bytes), ByteSource.class, ByteSource.of(bytes, "bytes"),
                AtomicFile.Content.class, (AtomicFile.Content) _ -> { }));
        samples.putAll(Map.of(Tensor.class, Tensor.zeros(1, new Shape(1, 2, 2)), Tensor[].class, new Tensor[1], Conv2dGeometry.class,
                GEOMETRY, Weights.class, Weights.of(ConvolutionAlgorithm.CSR, 1, 1, Mask.full(1), new float[1]), OperatorLayer.class,
                new GlobalAveragePool(0, new Shape(1, 2, 2)), Collection.class, List.of(1)));
        samples.putAll(Map.of(PerAxis.class, PerAxis.ONE, Padding.class, Padding.NONE, Pool2dGeometry.class,
                new Pool2dGeometry(new Shape(1, 2, 2), 1, 1), ImageForm.class, ImageForm.FLOATS, double[].class, new double[1],
                ImageForm.ByteValue.class, (ImageForm.ByteValue) (_, _) -> 1, Integer[].class, new Integer[] {1}, Layer.class,
                new GlobalAveragePool(0, new Shape(1, 2, 2)), Network.Output.class, network.outputs().getFirst()));
        samples.putAll(Map.of(Adam.class, new Adam(), StoredWeights.class, StoredWeights.of(WeightStorage.FLOAT32, Mask.full(1), 1,
                new float[1]), IOException.class, new IOException("no"), FileSignature[].class, new FileSignature[0], ByteBuffer.class,
                ByteBuffer.allocate(16), Attributes.class, Attributes.EMPTY, LayerKind.Reader.class, (LayerKind.Reader) (_, _, _) -> null,
                ToLongFunction.class, (ToLongFunction<Object>) _ -> 1, OptionalLong.class, OptionalLong.empty(), Set.class, Set.of()));
        samples.putAll(Map.of(MeterReading.class, MeterReading.NONE, StateDictSpec.Known.class, StateDictSpec.Known.NOTHING,
                Workers.Task.class, (Workers.Task) (_, _) -> { }, Energy.class, Energy.read(), SafetensorsFile.class,
                SafetensorsFile.open(ByteSource.of(bytes, "bytes"))));
    }

    @AfterEach
    void close() {
        session.close();
    }

    private Object sample(Class<?> type) {
        if (type.isPrimitive()) {
            return type == boolean.class ? (Object) false : type == int.class ? (Object) 1 : type == long.class ? (Object) 1L
                    : type == float.class ? (Object) 0.5f : (Object) 0.5;
        }
        Object sample = type.isEnum() ? type.getEnumConstants()[0] : samples.get(type);
        if (sample == null) {
            throw new AssertionError("give this test a sample of " + type);
        }
        return sample;
    }

    /** What is wrong with the methods of a type that are called on an object, or that are static. */
    private List<String> faults(Class<?> type, Object on, Set<String> names) throws ReflectiveOperationException {
        List<String> faults = new ArrayList<>();
        for (Method method : type.getMethods()) {
            boolean asked = method.getDeclaringClass().getName().startsWith("dev.fedtiny") && Modifier.isStatic(method.getModifiers())
                    == (on == null) && !method.getName().equals("equals") && (names.isEmpty() || names.contains(method.getName()));
            if (asked) {
                faults.addAll(faults(method, arguments -> method.invoke(on, arguments)));
            }
        }
        return faults;
    }

    /** What is wrong with the constructors of a type. */
    private List<String> faults(Class<?> type) throws ReflectiveOperationException {
        List<String> faults = new ArrayList<>();
        for (Constructor<?> constructor : type.getConstructors()) {
            faults.addAll(faults(constructor, constructor::newInstance));
        }
        return faults;
    }

    private interface Call {
        Object with(Object[] arguments) throws ReflectiveOperationException;
    }

    /** Null for each argument in turn. */
    private List<String> faults(java.lang.reflect.Executable called, Call call) throws ReflectiveOperationException {
        List<String> faults = new ArrayList<>();
        Class<?>[] parameters = called.getParameterTypes();
        for (int i = 0; i < parameters.length; i++) {
            if (!parameters[i].isPrimitive() && !MAY_BE_NULL.contains(parameters[i])) {
                Object[] arguments = new Object[parameters.length];
                for (int j = 0; j < arguments.length; j++) {
                    arguments[j] = j == i ? null : sample(parameters[j]);
                }
                String said = said(() -> call.with(arguments));
                boolean bias = called.getDeclaringClass() == Conv2d.class && parameters[i] == float[].class && said.startsWith("it was");
                boolean clear = said.matches("(?s).+: .+ is null, expected .+") || said.contains("has no targets; give those of the batch");
                if (!bias && !clear) {
                    faults.add(called + ", argument " + i + ": " + said);
                }
            }
        }
        return faults;
    }

    private static String said(Callable<?> call) throws ReflectiveOperationException {
        try {
            call.call();
            return "it was taken";
        } catch (InvocationTargetException e) {
            return String.valueOf(e.getCause().getMessage());
        } catch (ReflectiveOperationException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void ofSessionsAndTrainers() throws ReflectiveOperationException {
        List<String> faults = new ArrayList<>();
        faults.addAll(faults(Session.class, null, Set.of()));
        faults.addAll(faults(Session.class, session, Set.of()));
        faults.addAll(faults(MemoryEstimate.class, null, Set.of()));
        faults.addAll(faults(Trainer.class, null, Set.of()));
        faults.addAll(faults(Trainer.class, Trainer.of(session).build(), Set.of()));
        faults.addAll(faults(Trainer.Builder.class, Trainer.of(session), Set.of()));
        faults.addAll(faults(Optimizer.class, new Sgd(0, 0), Set.of("bind")));
        assertEquals("", String.join("\n", faults));
    }

    @Test
    void ofFiles() throws ReflectiveOperationException {
        List<String> faults = new ArrayList<>();
        faults.addAll(faults(ModelFile.class, null, Set.of("save", "load")));
        faults.addAll(faults(OnnxFile.class, null, Set.of()));
        faults.addAll(faults(SafetensorsFile.class, null, Set.of()));
        faults.addAll(faults(StateDict.class, null, Set.of()));
        faults.addAll(faults(NetworkJson.class, null, Set.of()));
        faults.addAll(faults(ByteSource.class, null, Set.of("open")));
        faults.addAll(faults(AtomicFile.class, null, Set.of("write", "create")));
        assertEquals("", String.join("\n", faults));
    }

    @Test
    void ofWritersAndOptimisers() throws ReflectiveOperationException {
        List<String> faults = new ArrayList<>(faults(SafetensorsWriter.class, new SafetensorsWriter(), Set.of("metadata", "floats",
                "halfFloats", "ints", "unsignedShorts", "longs", "bytes", "weights")));
        faults.addAll(faults(AdamW.class));
        assertEquals("", String.join("\n", faults));
    }

    /** A name that is not there would show only where the network is written, after it has been trained. */
    @Test
    void ofLayers() throws ReflectiveOperationException {
        List<String> faults = new ArrayList<>();
        for (Layer layer : LAYERS) {
            faults.addAll(faults(layer.getClass()));
        }
        Network.Builder net = Network.builder(new Shape(1, 2, 2));
        net.relu(0);
        faults.addAll(faults(Network.Builder.class, net, Set.of("conv2d", "linear", "batchNorm2d", "groupNorm", "layerNorm")));
        assertEquals("", String.join("\n", faults));
    }

    @Test
    void ofModelsAndTensors() throws ReflectiveOperationException {
        List<String> faults = new ArrayList<>();
        faults.addAll(faults(Initializer.class, null, Set.of()));
        faults.addAll(faults(ModelState.class, null, Set.of()));
        faults.addAll(faults(ModelState.class, state, Set.of()));
        faults.addAll(faults(Mask.class, null, Set.of()));
        faults.addAll(faults(Tensor.class, null, Set.of("ofNchw")));
        faults.addAll(faults(Tensor.class, Tensor.zeros(1, new Shape(1, 2, 2)), Set.of()));
        faults.addAll(faults(MagnitudePruning.class, new MagnitudePruning(Allocation.UNIFORM), Set.of("prune")));
        faults.addAll(faults(GrowAndPrune.class, null, Set.of("apply")));
        faults.addAll(faults(RigL.class, new RigL(0.5, 1, 2), Set.of("update")));
        assertEquals("", String.join("\n", faults));
    }

    @Test
    void ofOperatorsAndCosts() throws ReflectiveOperationException {
        Shape shape = new Shape(1, 2, 2);
        float[] one = {1};
        List<String> faults = new ArrayList<>();
        for (Class<?> type : List.of(BatchNorm2d.class, Conv2d.class, Linear.class, Operator.class, Relu.class)) {
            faults.addAll(faults(type));
        }
        Weights weights = Weights.of(ConvolutionAlgorithm.CSR, 1, 1, Mask.full(1), one);
        Weights row = Weights.of(ConvolutionAlgorithm.CSR, 1, 4, Mask.full(4), new float[4]);
        for (Object operator : List.of(new BatchNorm2d("norm", shape, one, one, one, one), new Conv2d("conv", GEOMETRY, weights, null),
                new Linear("linear", shape, row, one), new Operator(new GlobalAveragePool(0, shape)), new Relu(shape))) {
            faults.addAll(faults(operator.getClass(), operator, Set.of()));
        }
        for (Class<?> type : List.of(Add.class, CrossEntropy.class, ExactCost.class)) {
            faults.addAll(faults(type, null, Set.of()));
        }
        assertEquals("", String.join("\n", faults));
    }

    /** What networks and sessions are described with. */
    @Test
    void ofDescriptions() throws ReflectiveOperationException {
        List<String> faults = new ArrayList<>();
        for (Class<?> type : List.of(Conv2dGeometry.class, Pool2dGeometry.class, Layout.class, CsrWeights.class, BitmaskWeights.class,
                DenseWeights.class, NetworkSpec.class, SessionOptions.class, Meter.class, Parameter.class)) {
            faults.addAll(faults(type));
        }
        for (Class<?> type : List.of(Conv2dGeometry.class, Pool2dGeometry.class, ImageForm.class, RandomStream.class, ClassWeights.class,
                Weights.class, Parameter.class)) {
            faults.addAll(faults(type, null, Set.of()));
        }
        faults.addAll(faults(Mask.class, Mask.full(1), Set.of("gather", "scatter")));
        faults.addAll(faults(SessionOptions.class, SessionOptions.DEFAULT, Set.of()));
        faults.addAll(faults(Network.class, state.network(), Set.of()));
        Network.Builder net = Network.builder(new Shape(1, 2, 2));
        net.relu(0);
        faults.addAll(faults(Network.Builder.class, net, Set.of("add", "activation", "block", "concat", "maxPool2d", "averagePool2d",
                "upsample", "output")));
        faults.addAll(faults(Optimizer.class, new Sgd(0, 0), Set.of("stateBytes")));
        faults.addAll(faults(GradientClip.class, new ClipByNorm(1), Set.of("bytes")));
        assertEquals("", String.join("\n", faults));
    }

    /** What is called beside sessions and trainers. */
    @Test
    void ofHelpersAndFigures() throws ReflectiveOperationException, IOException {
        List<String> faults = new ArrayList<>();
        for (Class<?> type : List.of(AppendedFile.class, ByteSource.class, FileSignature.class, IoProblem.class, PrivateFolder.class,
                StateDictSpec.class, StoredWeights.class, Attributes.class, LayerKind.class, LayerKinds.class, Energy.class,
                ConvolutionShape.class, LayerCounts.class, Magnitude.class, GrowAndPrune.class, Kernels.class, BitmaskWeights.class,
                CsrWeights.class)) {
            faults.addAll(faults(type, null, Set.of("open", "of", "ofAny", "read", "describe", "explain", "named", "createAll", "temporary",
                    "infer", "parse", "exchange", "atMost", "sizes", "uniform", "uniformOfAll", "budget", "smallestDensity", "fit", "bits",
                    "indices", "readMask")));
        }
        for (Class<?> type : List.of(StoredWeights.class, TensorEntry.class, View.class, MeterReading.class, Energy.class,
                MemoryEstimate.class, AlgorithmPolicy.BreakEven.class, AlgorithmPolicy.Transformed.class, AlgorithmPolicy.Measured.class,
                AlgorithmPolicy.Always.class, ConvolutionShape.class, Network.Block.class)) {
            faults.addAll(faults(type));
        }
        faults.addAll(faults(LayerKind.class, LayerKinds.of("add"), Set.of("read")));
        Meter meter = new Meter(Workers.of(1));
        meter.open(meter.operator("work"));
        for (Object on : List.of(sample(ByteSource.class), sample(StoredWeights.class), StateDictSpec.Known.NOTHING, WeightStorage.FLOAT32,
                Attributes.EMPTY, new MemoryLedger(), MeterReading.NONE, sample(Energy.class), meter,
                new MemoryEstimate(Map.of(), 0), AlgorithmPolicy.AUTOMATIC, LayerSelection.PRUNABLE,
                new RigL(0.5, 1, 2), Workers.of(1), RandomStream.of(1, "shuffle"), Layout.IMAGES)) {
            faults.addAll(faults(on.getClass(), on, Set.of("read", "decode", "write", "withData", "bytes", "rounded", "has",
                    "integer", "integers", "number", "flag", "text", "live", "peak", "add", "set", "total", "plus", "since", "joulesSince",
                    "operator", "run", "of", "choose", "without", "bufferBytes", "shuffle", "tile", "floats")));
        }
        assertEquals("", String.join("\n", faults));
    }

    /** A resource that is not there is the usual way to a null stream: the sentence says so. */
    @Test
    void aMissingResourceIsNamed() {
        InputStream missing = NullArgumentsTest.class.getResourceAsStream("no-such-model");
        for (Executable load : List.<Executable>of(() -> ModelFile.load(missing), () -> OnnxFile.load(missing))) {
            String said = assertThrows(NullPointerException.class, load).getMessage();
            assertTrue(said.contains("getResourceAsStream gives null"), said);
        }
    }
}
