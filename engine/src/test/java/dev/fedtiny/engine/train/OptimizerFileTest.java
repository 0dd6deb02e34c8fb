package dev.fedtiny.engine.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.SafetensorsException;
import dev.fedtiny.engine.io.SafetensorsFile;
import dev.fedtiny.engine.io.SafetensorsWriter;
import dev.fedtiny.engine.model.FiniteCheck;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.NonFiniteException;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An optimiser's state saved and restored: training goes on bit by bit; what does not fit is refused and changes nothing. */
@Tag("once")
class OptimizerFileTest {
    private static final int BATCH = 4;

    @TempDir
    private Path folder;

    static Stream<Optimizer> optimizers() {
        return Stream.of(new Sgd(0, 1e-3), Sgd.nesterov(0.9, 1e-3), Adam.amsgrad(1e-3), new AdamW(1e-2),
                new RmsProp(0.9, 1e-8, 0, 0.9, true),
                new ParameterGroups(new Adam()).with("*.bias", new Sgd(0.9, 0), 0.5));
    }

    private static Network network() {
        Network.Builder net = Network.builder(new Shape(2, 6, 6)).block("all");
        int x = net.relu(net.batchNorm2d("norm", net.conv2d("first", 0, 6, 3, 1, 1, false, true)));
        net.linear("out", net.globalAveragePool(x), 4, true, true);
        return net.build();
    }

    private static ModelState model(double density, int seed) {
        ModelState dense = Initializer.initialize(network(), 3);
        List<Mask> masks = new ArrayList<>(dense.masks());
        for (int p : dense.network().prunable()) {
            RandomStream random = RandomStream.of(seed, "mask", p);
            int size = dense.mask(p).size();
            masks.set(p, Mask.of(size, IntStream.range(0, size).filter(_ -> random.nextDouble() < density).toArray()));
        }
        return dense.masked(masks);
    }

    private static void train(Session session, Optimizer.Updater updater, int from, int to) {
        for (int step = from; step < to; step++) {
            float[] images = new float[BATCH * session.network().input().size()];
            RandomStream random = RandomStream.of(step, "images");
            for (int i = 0; i < images.length; i++) {
                images[i] = (float) random.nextGaussian();
            }
            session.setImages(images, BATCH);
            for (int i = 0; i < BATCH; i++) {
                session.labels()[i] = (i + step) % 4;
            }
            session.forward(BATCH);
            session.backward();
            updater.step(0.05);
        }
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void resumedTrainingHasTheSameBits(Optimizer optimizer) throws IOException {
        Path file = folder.resolve("optimizer.safetensors");
        try (Session whole = Session.open(model(0.4, 1), Mode.TRAINING, BATCH)) {
            Optimizer.Updater updater = optimizer.bind(whole);
            train(whole, updater, 0, 3);
            // Masks that have changed since the last step are the file's masks.
            whole.load(whole.state().masked(model(0.6, 2).masks()));
            updater.save(file);
            ModelState saved = whole.state();
            train(whole, updater, 3, 6);
            try (Session resumed = Session.open(saved, Mode.TRAINING, BATCH)) {
                Optimizer.Updater restored = optimizer.bind(resumed);
                restored.restore(file);
                assertEquals(3, restored.steps());
                train(resumed, restored, 3, 6);
                for (int p = 0; p < whole.network().parameters().size(); p++) {
                    assertArrayEquals(whole.values(p), resumed.values(p), whole.network().parameters().get(p).name());
                }
            }
        }
    }

    static Stream<UpdateRule> rules() {
        return Stream.of(new Sgd(0, 0), new Sgd(0.9, 0), new Adam(), Adam.amsgrad(0), new AdamW(0), new RmsProp(),
                new RmsProp(0.9, 1e-8, 0, 0, true), new RmsProp(0.9, 1e-8, 0, 0.9, false), new RmsProp(0.9, 1e-8, 0, 0.9, true),
                new Own(List.of()), new Own(new Adam().state()));
    }

    /** An application's own. */
    private record Own(List<String> state) implements UpdateRule {
        @Override
        public void update(double rate, long step, float[] values, float[] gradient, float[][] state, int from, int to) {
            values[from] -= (float) rate * gradient[from];
        }
    }

    /** Numbers of one name mean something else to another optimiser, as RMSprop's moments do to Adam. */
    @ParameterizedTest
    @MethodSource("rules")
    void everyOtherOptimizerRefusesTheState(UpdateRule rule) throws IOException {
        Path file = folder.resolve("optimizer.safetensors");
        try (Session session = Session.open(model(0.4, 1), Mode.TRAINING, BATCH)) {
            Optimizer.Updater updater = rule.bind(session);
            train(session, updater, 0, 1);
            updater.save(file);
            for (UpdateRule other : rules().toList()) {
                if (!other.kind().equals(rule.kind())) {
                    refused(other.bind(session), file, "is of the optimiser " + rule.kind() + ", the session's is " + other.kind());
                } else if (other.state().equals(rule.state())) {
                    other.bind(session).restore(file);
                } else {
                    refused(other.bind(session), file, "it is the state of another optimiser");
                }
            }
            refused(new ParameterGroups(rule).with("*.bias", rule instanceof AdamW ? new Adam() : new AdamW(0)).bind(session), file,
                    "bias' is of the optimiser " + rule.kind());
        }
    }

    /** Of builds that named no rules: tensors and their order tell all rules apart but Adam and AdamW, and one's own. */
    @ParameterizedTest
    @MethodSource("rules")
    void olderFilesAreToldApartByTheirTensors(UpdateRule rule) throws IOException {
        Path file = folder.resolve("optimizer.safetensors");
        Path older = folder.resolve("older.safetensors");
        try (Session session = Session.open(model(0.4, 1), Mode.TRAINING, BATCH)) {
            Optimizer.Updater updater = rule.bind(session);
            train(session, updater, 0, 2);
            updater.save(file);
            copy(file, older, "2", 0, false);
            for (UpdateRule other : rules().toList()) {
                if (other.state().equals(rule.state())) {
                    Optimizer.Updater taken = other.bind(session);
                    taken.restore(older);
                    assertEquals(2, taken.steps());
                } else {
                    refused(other.bind(session), older, "it is the state of another optimiser");
                }
            }
        }
    }

    /** A rule that remembers nothing has no tensors that would tell. */
    @Test
    void aParameterThatWasFrozenIsNamed() throws IOException {
        Path file = folder.resolve("optimizer.safetensors");
        ModelState model = model(0.4, 1);
        try (Session few = Session.open(model.freeze("first.*"), Mode.TRAINING, BATCH);
                Session all = Session.open(model, Mode.TRAINING, BATCH)) {
            for (UpdateRule rule : List.of(new Sgd(0, 0), new Adam())) {
                rule.bind(few).save(file);
                refused(rule.bind(all), file, "there is no state of 'first.weight', which the session trains");
            }
        }
    }

    @Test
    void whatDoesNotFitIsRefusedAndChangesNothing() throws IOException {
        Path file = folder.resolve("optimizer.safetensors");
        Path damaged = folder.resolve("damaged.safetensors");
        try (Session session = Session.open(model(0.4, 1), Mode.TRAINING, BATCH);
                Session other = Session.open(model(0.4, 1), Mode.TRAINING, BATCH)) {
            Optimizer.Updater updater = new Adam().bind(session);
            Optimizer.Updater untouched = new Adam().bind(other);
            train(session, updater, 0, 2);
            train(other, untouched, 0, 2);
            updater.save(file);
            try (Session pruned = Session.open(model(0.4, 2), Mode.TRAINING, BATCH);
                    Session full = Session.open(Initializer.initialize(network(), 1), Mode.TRAINING, BATCH)) {
                refused(new Adam().bind(pruned), file, "'first.weight' is for a mask of");
                refused(new Adam().bind(full), file, "the session's is one with all positions");
            }
            refused(Adam.amsgrad(0).bind(session), file, "largest_second_moment");
            copy(file, damaged, "2", 0, false);
            new Adam().bind(session).restore(damaged);
            refused(new Sgd(0.9, 0).bind(session), damaged, "there is no tensor 'first.weight/momentum'");
            refused(new Sgd(0.9, 0).bind(session), damaged, " and others: it is the state of another optimiser, or of other parameters");
            refused(new Sgd(0, 0).bind(session), damaged, "10 tensors, expected 0");
            byte[] bytes = Files.readAllBytes(file);
            for (int length : new int[] {0, 7, 100, bytes.length / 2, bytes.length - 1}) {
                Files.write(damaged, java.util.Arrays.copyOf(bytes, length));
                refused(updater, damaged, "damaged.safetensors");
            }
            for (String steps : new String[] {"-1", "1e3", "", "9999999999999999999"}) {
                copy(file, damaged, steps, 0, true);
                refused(updater, damaged, "'" + steps + "' steps");
            }
            copy(file, damaged, "2", Float.NaN, true);
            refused(updater, damaged, "has NaN at place 0, must be finite");
            new SafetensorsWriter().metadata("format", "fedtiny-optimizer").metadata("version", "2").write(damaged);
            refused(updater, damaged, "version '2'");
            train(session, updater, 2, 4);
            train(other, untouched, 2, 4);
            for (int p = 0; p < session.network().parameters().size(); p++) {
                assertArrayEquals(other.values(p), session.values(p));
            }
        }
    }

    /** Squares of finite gradients that are not: values stay finite, but stay where they are for good, and could not be read back. */
    @Test
    void aStateThatIsNoNumbersIsNamedAndNotWritten() throws IOException {
        Path file = folder.resolve("kept.safetensors");
        Files.writeString(file, "older");
        for (FiniteCheck check : FiniteCheck.values()) {
            try (Workers workers = Workers.of(1); Session session = Session.open(model(0.4, 1), Mode.TRAINING, BATCH, workers,
                    SessionOptions.DEFAULT.withFiniteCheck(check))) {
                Optimizer.Updater updater = new Adam().bind(session);
                train(session, updater, 0, 1);
                session.setImages(new float[session.network().input().size()], 1);
                session.forward(1);
                float[] gradient = new float[session.network().classes()];
                java.util.Arrays.fill(gradient, 1e25f);
                session.backward(gradient);
                if (check == FiniteCheck.ON) {
                    String message = assertThrows(NonFiniteException.class, () -> updater.step(1e-3)).getMessage();
                    assertTrue(message.matches("optimiser step \\d+ at learning rate 0.001: .*second_moment' is Infinity at position.*"),
                            message);
                } else {
                    updater.step(1e-3);
                }
                session.state().check();
                String message = assertThrows(NonFiniteException.class, () -> updater.save(file)).getMessage();
                assertTrue(message.contains("second_moment' is Infinity at position"), message);
            }
        }
        assertEquals("older", Files.readString(file));
    }

    /** Whatever stands in the file: either it is taken whole, or it is refused as a file, and the state is what it was. */
    @Test
    void arbitraryBytesAreRefused() throws IOException {
        Path file = folder.resolve("optimizer.safetensors");
        Path damaged = folder.resolve("damaged.safetensors");
        Path after = folder.resolve("after.safetensors");
        int refused = 0;
        try (Session session = Session.open(model(0.4, 1), Mode.TRAINING, BATCH)) {
            Optimizer.Updater updater = new Adam().bind(session);
            train(session, updater, 0, 1);
            updater.save(file);
            byte[] bytes = Files.readAllBytes(file);
            RandomStream random = RandomStream.of(7, "damage");
            for (int trial = 0; trial < 400; trial++) {
                byte[] other = bytes.clone();
                for (int i = 0; i < 1 + trial % 4; i++) {
                    // Mostly the header, where the meaning is.
                    other[random.nextInt(trial % 3 == 0 ? other.length : 1200)] = (byte) random.nextInt(256);
                }
                // Anew: a file that is emptied and written again is written to the disk by ext4, which takes 6 ms.
                Files.deleteIfExists(damaged);
                Files.write(damaged, other);
                try {
                    updater.restore(damaged);
                    updater.restore(file);
                } catch (SafetensorsException e) {
                    refused++;
                }
                updater.save(after);
                assertArrayEquals(bytes, Files.readAllBytes(after), "trial " + trial);
            }
        }
        assertTrue(refused > 200, refused + " refused");
    }

    /** The file with other steps and another first value, and with or without the names of the rules. */
    private static void copy(Path from, Path to, String steps, float first, boolean rules) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(from)) {
            SafetensorsWriter writer = new SafetensorsWriter();
            file.metadata().forEach((key, value) -> {
                if (rules || !key.startsWith("rule.")) {
                    writer.metadata(key, key.equals("steps") ? steps : value);
                }
            });
            for (var tensor : file.tensors()) {
                float[] values = file.readFloats(tensor.name());
                values[0] += first;
                writer.floats(tensor.name(), List.of(values.length), values);
            }
            writer.write(to);
        }
    }

    private static void refused(Optimizer.Updater updater, Path file, String words) {
        String message = assertThrows(SafetensorsException.class, () -> updater.restore(file)).getMessage();
        assertTrue(message.contains(words), message);
    }
}
