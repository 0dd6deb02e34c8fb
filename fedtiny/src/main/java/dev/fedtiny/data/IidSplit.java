package dev.fedtiny.data;

import dev.fedtiny.settings.SettingSpec;
import dev.fedtiny.settings.SettingValues;
import java.util.List;
import java.util.Map;

/** Equal shares of a random order: {@link Partitions#iid}. */
public final class IidSplit implements PartitionScheme {
    /** For the service loader. */
    public IidSplit() {
    }

    @Override
    public String name() {
        return "iid";
    }

    @Override
    public String description() {
        return "equal shares at random";
    }

    @Override
    public List<SettingSpec<?>> settings() {
        return List.of();
    }

    @Override
    public Map<String, Number> parameters(SettingValues settings) {
        return Map.of();
    }

    @Override
    public Partition split(Dataset images, int devices, SettingValues settings, long seed) {
        return Partitions.iid(images.count(), devices, seed);
    }
}
