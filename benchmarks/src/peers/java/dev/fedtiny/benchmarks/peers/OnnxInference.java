package dev.fedtiny.benchmarks.peers;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.onnx.OnnxFile;
import dev.fedtiny.engine.runtime.RandomStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A process of its own: times ONNX Runtime's inference of a network of ours, exported to ONNX, dense, with all its optimisations, as
 * {@code bin/benchmarks infer} times ours.
 */
public final class OnnxInference {
    private OnnxInference() {
    }

    /** Words as {@link PeerProcess#of} reads them. */
    public static void main(String[] words) throws IOException, OrtException {
        PeerProcess process = PeerProcess.of(words);
        Network network = process.network();
        Path model = Files.createTempFile("peer", ".onnx");
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            OnnxFile.save(Initializer.initialize(network, 1), model);
            options.setIntraOpNumThreads(process.threads());
            options.setInterOpNumThreads(1);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            try (OrtSession session = environment.createSession(model.toString(), options);
                    OnnxTensor images = OnnxTensor.createTensor(environment, images(process.batch() * network.input().size()),
                            shape(process.batch(), session))) {
                process.time(() -> run(session, images));
            }
        } finally {
            Files.deleteIfExists(model);
        }
    }

    private static FloatBuffer images(int values) {
        RandomStream random = RandomStream.of(1, "bench");
        FloatBuffer images = ByteBuffer.allocateDirect(values * Float.BYTES).order(ByteOrder.nativeOrder()).asFloatBuffer();
        for (int i = 0; i < values; i++) {
            images.put(i, (float) random.nextGaussian());
        }
        return images;
    }

    /** The input's shape with the number of images, which the file leaves free. */
    private static long[] shape(int batch, OrtSession session) throws OrtException {
        TensorInfo info = (TensorInfo) session.getInputInfo().values().iterator().next().getInfo();
        long[] shape = info.getShape().clone();
        shape[0] = batch;
        return shape;
    }

    private static void run(OrtSession session, OnnxTensor images) {
        try {
            session.run(Map.of(session.getInputNames().iterator().next(), images)).close();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime: " + e.getMessage(), e);
        }
    }
}
