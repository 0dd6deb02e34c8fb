package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.DataException;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.PartitionFile;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.method.AdjustmentSettings;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.SynFlow;
import dev.fedtiny.settings.SettingSpec;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Draws of images that lack a class, or hold few of one. */
class MissingClassTest {
    private static final TrainTest ALL = Experiment.of(Map.of()).open();
    private static final int MISSING = 3;

    private static Experiment experiment(String... settings) {
        Map<SettingSpec<?>, String> given = new LinkedHashMap<>(Map.of(Setting.WIDTH, "2", Setting.DEVICES, "2", Setting.ROUNDS, "2",
                Setting.DENSITY, "0.2", Setting.PRETRAIN_EPOCHS, "1", Setting.PUBLIC_PER_CLASS, "2",
                        AdjustmentSettings.PROGRESSIVE, "false",
                SynFlow.STEPS, "2", Setting.THREADS, "1"));
        for (String setting : settings) {
            given.put(SettingIndex.of(setting.substring(0, setting.indexOf('='))), setting.substring(setting.indexOf('=') + 1));
        }
        return Experiment.of(given);
    }

    /** Some images, of one class so many and no more. */
    private static Dataset with(Dataset all, int images, int ofMissing) {
        int[] left = {ofMissing};
        return all.subset(IntStream.range(0, images).filter(i -> all.label(i) != MISSING || left[0]-- > 0).toArray());
    }

    private static TrainTest images(int ofMissing) {
        return new TrainTest(with(ALL.train(), 200, ofMissing), with(ALL.test(), 40, 5));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fedtiny", "fedavg", "fl-pqsu", "synflow", "prunefl", "feddst", "lotteryfl", "fedmef", "fedrts", "fedsgc"})
    void methodsThatNeedNoPublicSetRunWithoutAClass(String name) {
        for (String epochs : List.of("0", "1")) {
            Experiment experiment = experiment("method=" + name, "pretrain-epochs=" + epochs);
            TrainTest images = images(0);
            FederatedData data = experiment.data(images);
            assertArrayEquals(new int[] {2, 2, 2, 0, 2, 2, 2, 2, 2, 2}, data.publicSet().classCounts());
            assertEquals(10, experiment.network(images.train()).classes());
            Method method = experiment.method();
            try (FederationContext context = FederationContext.inProcess(experiment.plan(images.train()), data, 1, 1)) {
                Method.InitOutcome init = method.init(context);
                List<String> told = init.report().warnings().stream().filter(w -> w.contains("no image of class 3")).toList();
                assertEquals(Integer.parseInt(epochs), told.size(), told.toString());
                MethodState state = method.round(context, init.state()).state();
                assertTrue(method.evaluate(context, state).count() > 0);
            }
        }
    }

    /** Nothing is known of a device that holds that class alone: no accuracy of 0 lowers the mean. */
    @Test
    void whoCannotBeJudgedIsInNoMean() {
        Experiment experiment = experiment("method=fedavg", "pretrain-epochs=0", "evaluate-personal=true");
        TrainTest images = new TrainTest(ALL.train().subset(IntStream.range(0, 200).toArray()), with(ALL.test(), 40, 0));
        Dataset train = images.train();
        Dataset alone = train.subset(IntStream.range(0, train.count()).filter(i -> train.label(i) == MISSING).toArray());
        try (FederationContext context = FederationContext.inProcess(experiment.plan(train), experiment.data(images), 1, 1)) {
            MethodState state = experiment.method().init(context).state();
            JsonObject line = PersonalScores.of(experiment, context, state, List.of(alone, train)).orElseThrow();
            assertEquals(1, line.integer("unjudged"));
            assertEquals("[1]", JsonWriter.compact(line.get("device")));
            assertEquals(((JsonValue.JsonNumber) line.array("accuracies").getFirst()).toDouble(), line.number("accuracy"));
            assertTrue(PersonalScores.words(line).endsWith("left out: 1 device of whose classes there are no test images"));
            JsonObject none = PersonalScores.of(experiment, context, state, List.of(alone)).orElseThrow();
            assertTrue(none.find("accuracy").isEmpty() && PersonalScores.words(none).contains("none can be judged"));
        }
    }

    /** The other way round: a network that tells more classes apart than there are images of. */
    @ParameterizedTest
    @ValueSource(strings = {"fedtiny", "snip", "lotteryfl"})
    void aNetworkMayHaveMoreOutputsThanThereAreClasses(String name) {
        Experiment experiment = experiment("method=" + name, "classes=12");
        TrainTest images = images(9);
        Method method = experiment.method();
        try (FederationContext context = FederationContext.inProcess(experiment.plan(images.train()), experiment.data(images), 1, 1)) {
            assertEquals(12, context.plan().network().classes());
            MethodState state = method.round(context, method.init(context).state()).state();
            assertTrue(method.evaluate(context, state).count() >= images.test().count());
        }
    }

    @Test
    void snipNamesTheClassAndWhatHelps() {
        for (String epochs : List.of("0", "1")) {
            String message = assertThrows(DataException.class,
                    () -> experiment("method=snip", "pretrain-epochs=" + epochs).data(images(0))).getMessage();
            assertTrue(message.contains("snip") && message.contains("class " + ALL.train().classTitle(MISSING))
                    && message.contains("max-images") && message.contains("seed"), message);
        }
        assertEquals(20, experiment("method=snip").data(images(2)).publicSet().count());
    }

    @Test
    void aClassWithTooFewImagesIsNamedWhereTheSetIsNeeded() {
        for (String method : List.of("fedavg", "snip")) {
            String message = assertThrows(DataException.class, () -> experiment("method=" + method).data(images(1))).getMessage();
            assertTrue(message.contains("class " + ALL.train().classTitle(MISSING) + " has 1 training images")
                    && message.contains("public-per-class") && message.contains("pretrain-epochs = 0"), message);
        }
        FederatedData data = experiment("method=fedavg", "pretrain-epochs=0").data(images(1));
        assertEquals(18, data.publicSet().count());
        assertEquals(1, data.devices().stream().mapToInt(device -> device.classCounts()[MISSING]).sum(), "its image goes to a device");
        String message = assertThrows(DataException.class,
                () -> experiment("method=fedavg", "pretrain-epochs=0", "public-per-class=1000").data(images(1))).getMessage();
        assertTrue(message.contains("no class has 1000 training images"), message);
    }

    @Test
    void aTestSetWithoutAClassIsToldOf() {
        Experiment experiment = experiment("method=fedavg");
        TrainTest images = new TrainTest(with(ALL.train(), 200, 9), with(ALL.test(), 40, 0));
        try (FederationContext context = FederationContext.inProcess(experiment.plan(images.train()), experiment.data(images), 1, 1)) {
            List<String> warnings = experiment.method().init(context).report().warnings();
            assertEquals(1, warnings.size());
            assertTrue(warnings.getFirst().startsWith("the test set has no image of class 3"), warnings.toString());
        }
    }

    @Test
    void aKeptSplitWithoutAClassIsTaken(@TempDir Path folder) throws Exception {
        TrainTest images = images(0);
        Path file = folder.resolve("split.json");
        PartitionFile drawn = experiment("method=fedavg").drawSplit(images.train());
        drawn.write(file);
        assertEquals(18, experiment("method=fedavg", "partition-file=" + file).data(images).publicSet().count());
        assertThrows(DataException.class, () -> experiment("method=snip", "partition-file=" + file).data(images));
    }
}
