package app;

import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.model.*;
import dev.fedtiny.engine.onnx.OnnxFile;
import dev.fedtiny.engine.pruning.*;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.train.*;
import java.nio.file.*;
import java.util.*;

/** EdgeApp MODEL.onnx DATA.csv KEPT: makes a network small, adapts it to this device's data, keeps it, and loads it again. */
class EdgeApp {
    static final int BATCH = 8;
    static final int EPOCHS = 20;

    public static void main(String[] args) throws Exception {
        ModelState model = OnnxFile.load(Path.of(args[0]));
        List<float[]> rows = Files.readAllLines(Path.of(args[1])).stream().map(EdgeApp::numbers).toList(); // label, value, value, ...
        System.out.printf("imported  density %.2f  accuracy %.2f%n", model.density(), accuracy(model, rows));
        ModelState small = new MagnitudePruning(Allocation.UNIFORM).prune(model, 0.25);
        System.out.printf("pruned    density %.2f  accuracy %.2f%n", small.density(), accuracy(small, rows));
        try (Session session = Session.open(small, Mode.TRAINING, BATCH)) {
            Trainer<int[]> trainer = Trainer.of(session).optimizer(new Sgd(0.9, 1e-4)).build();
            for (int first = 0; first + BATCH <= EPOCHS * rows.size(); first += BATCH) {
                float[] inputs = new float[BATCH * model.network().input().size()];
                int[] labels = new int[BATCH];
                for (int i = 0; i < BATCH; i++) {
                    float[] row = rows.get((first + i) % rows.size());
                    labels[i] = (int) row[0];
                    System.arraycopy(row, 1, inputs, i * (row.length - 1), row.length - 1);
                }
                trainer.step(inputs, labels, 0.02);
            }
            ModelFile.save(session.state(), Path.of(args[2]), ModelFile.Form.SPARSE);
        }
        ModelState again = ModelFile.load(Path.of(args[2])); // the file knows the network
        System.out.printf("adapted   density %.2f  accuracy %.2f%n", again.density(), accuracy(again, rows));
    }

    static double accuracy(ModelState model, List<float[]> rows) {
        try (Session session = Session.open(model, Mode.INFERENCE, 1)) {
            return rows.stream().filter(row -> {
                session.setImages(Arrays.copyOfRange(row, 1, row.length), 1);
                session.forward(1);
                return session.predicted(0) == (int) row[0];
            }).count() / (double) rows.size();
        }
    }

    static float[] numbers(String line) {
        double[] values = Arrays.stream(line.split(",")).mapToDouble(Double::parseDouble).toArray();
        float[] row = new float[values.length];
        Arrays.setAll(values, i -> row[i] = (float) values[i]);
        return row;
    }
}
