package dev.fedtiny.experiment;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Settings of some methods that others do not look at: they stand in every file and change nothing there. */
final class UnusedSettings {
    private static final Set<String> ADJUSTING = Set.of("fedtiny", "prunefl", "feddst", "fedmef", "fedrts", "fedsgc");
    private static final Map<Setting, Set<String>> USERS = new EnumMap<>(Setting.class);

    static {
        for (Setting setting : List.of(Setting.ADJUST_EVERY, Setting.ADJUST_UNTIL, Setting.PROGRESSIVE)) {
            USERS.put(setting, ADJUSTING);
        }
        // PruneFL adjusts all layers at once.
        Set<String> byParts = Set.of("fedtiny", "feddst", "fedmef", "fedrts", "fedsgc");
        USERS.put(Setting.GRANULARITY, byParts);
        USERS.put(Setting.ORDER, byParts);
        USERS.put(Setting.SELECTION, Set.of("fedtiny"));
        USERS.put(Setting.SELECTION_SAMPLE, Set.of("fedtiny"));
        USERS.put(Setting.POOL, Set.of("fedtiny"));
        USERS.put(Setting.SCORE_SCOPE, Set.of("snip", "synflow"));
        USERS.put(Setting.SNIP_STEPS, Set.of("snip"));
        USERS.put(Setting.SYNFLOW_STEPS, Set.of("synflow"));
        USERS.put(Setting.PRUNEFL_EVERY_ROUND, Set.of("prunefl"));
        USERS.put(Setting.LOTTERYFL_THRESHOLD, Set.of("lotteryfl"));
        USERS.put(Setting.LOTTERYFL_SHARE, Set.of("lotteryfl"));
        USERS.put(Setting.FEDMEF_PENALTY, Set.of("fedmef"));
        USERS.put(Setting.FEDMEF_ACTIVATIONS, Set.of("fedmef"));
        USERS.put(Setting.FEDRTS_WEIGHT, Set.of("fedrts"));
        USERS.put(Setting.FEDRTS_GLOBAL_SHARE, Set.of("fedrts"));
        USERS.put(Setting.FEDSGC_PRUNE_SHARE, Set.of("fedsgc"));
        USERS.put(Setting.FEDSGC_GROW_SHARE, Set.of("fedsgc"));
    }

    private UnusedSettings() {
    }

    /** Those that a method does not look at; dense FedAvg prunes nothing, whatever density is given. */
    static Set<Setting> of(String method) {
        Set<Setting> unused = EnumSet.noneOf(Setting.class);
        USERS.forEach((setting, users) -> {
            if (!users.contains(method)) {
                unused.add(setting);
            }
        });
        if (method.equals("fedavg")) {
            unused.add(Setting.DENSITY);
        }
        return unused;
    }
}
