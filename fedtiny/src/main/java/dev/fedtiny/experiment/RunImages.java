package dev.fedtiny.experiment;

import dev.fedtiny.data.DataSplit;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.Datasets;
import dev.fedtiny.data.PartitionFile;
import dev.fedtiny.data.PartitionScheme;
import dev.fedtiny.data.PublicSet;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.Method;
import dev.fedtiny.settings.SettingValues;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The images of a run and who gets which, as its settings say.
 *
 * @param values of all settings
 */
record RunImages(SettingValues values) {
    TrainTest open() {
        String path = values.get(Setting.DATA);
        return limited(path.equals(Datasets.DEMO) ? Datasets.demo(values.get(Setting.DATASET))
                : Datasets.open(Path.of(path), values.get(Setting.LABELS), values.get(Setting.DATASET)));
    }

    TrainTest limited(TrainTest all) {
        TrainTest limited = new TrainTest(limited(all.train(), values.get(Setting.MAX_IMAGES), "train-subset"),
                limited(all.test(), values.get(Setting.MAX_TEST_IMAGES), "test-subset"), all.notes());
        return validated(limited, values.get(Setting.VALIDATION_IMAGES));
    }

    private long seed() {
        return values.get(Setting.SEED);
    }

    private TrainTest validated(TrainTest images, int count) {
        if (count == 0) {
            return images;
        }
        int all = images.train().count();
        if (count >= all) {
            throw values.wrong(Setting.VALIDATION_IMAGES, "fewer than the " + all + " training images");
        }
        int[] order = new int[all];
        Arrays.setAll(order, i -> i);
        RandomStream.of(seed(), "validation").shuffle(order);
        Arrays.sort(order, 0, count);
        Arrays.sort(order, count, all);
        return new TrainTest(images.train().subset(Arrays.copyOfRange(order, count, all)),
                images.train().subset(Arrays.copyOf(order, count)), images.notes());
    }

    private Dataset limited(Dataset dataset, int most, String purpose) {
        if (most == 0 || most >= dataset.count()) {
            return dataset;
        }
        int[] order = new int[dataset.count()];
        Arrays.setAll(order, i -> i);
        RandomStream.of(seed(), purpose).shuffle(order);
        int[] chosen = Arrays.copyOf(order, most);
        Arrays.sort(chosen);
        return dataset.subset(chosen);
    }

    FederatedData data(TrainTest images, Method method) {
        int devices = values.get(Setting.DEVICES);
        if (devices > images.train().count()) {
            throw new IllegalArgumentException("devices = " + devices + ", but there are only " + images.train().count()
                    + " training images; use fewer devices");
        }
        DataSplit split = values.get(Setting.PARTITION_FILE).map(file -> kept(images.train(), file))
                .orElseGet(() -> drawSplit(images.train(), method).split());
        FederatedData data = FederatedData.of(images, split);
        method.checkPublicSet(data.publicSet());
        return data;
    }

    /** The split that a file keeps. */
    private DataSplit kept(Dataset train, String file) {
        DataSplit split = PartitionFile.read(Path.of(file)).splitOf(train, file);
        int devices = values.get(Setting.DEVICES);
        int publicImages = PublicSet.size(train, values.get(Setting.PUBLIC_PER_CLASS));
        if (split.devices().devices() != devices || split.publicSet().length != publicImages) {
            throw new IllegalArgumentException(file + " has " + split.devices().devices() + " devices and " + split.publicSet().length
                    + " public images, the experiment " + devices + " and " + publicImages
                    + "; set devices and public-per-class as it has them");
        }
        return split;
    }

    PartitionFile drawSplit(Dataset train, Method method) {
        PartitionScheme scheme = values.get(Setting.PARTITION);
        int devices = values.get(Setting.DEVICES);
        boolean needed = method.needsPublicSet() || values.get(Setting.PRETRAIN_EPOCHS) > 0;
        DataSplit split = DataSplit.draw(train, values.get(Setting.PUBLIC_PER_CLASS), needed, seed(),
                rest -> scheme.split(rest, devices, values, seed()));
        return PartitionFile.of(scheme.name(), scheme.parameters(values), seed(), train, split);
    }
}
