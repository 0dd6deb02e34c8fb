package dev.fedtiny.engine.train;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.model.Network;

/** Ranges of settings that several optimisers have, and what a number of bytes is asked with. */
final class Settings {
    private Settings() {
    }

    /** A value in [0, 1). */
    static void checkShare(String optimizer, String setting, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(optimizer + ": " + setting + " " + value + ", must be in [0, 1)");
        }
    }

    /** A value of at least 0. */
    static void checkDecay(String optimizer, double value) {
        if (!(value >= 0 && Float.isFinite((float) value))) {
            throw new IllegalArgumentException(optimizer + ": weight decay " + value
                    + ", must be at least 0 and finite in single precision");
        }
    }

    /** A number of active positions for every parameter of a network. */
    static void checkKept(String who, Network network, int[] kept) {
        Given.notNull(network, who + ": network", "a network: of a NetworkSpec, a builder or a model file");
        Given.notNull(kept, who + ": kept", "how many positions of each parameter are active");
        if (kept.length != network.parameters().size()) {
            throw new IllegalArgumentException(who + ": active positions of " + kept.length + " parameters, expected those of the "
                    + network.parameters().size() + " in Network.parameters()");
        }
        for (int i = 0; i < kept.length; i++) {
            network.parameters().get(i).checkActive(kept[i]);
        }
    }

    /** A value above 0. */
    static void checkEpsilon(String optimizer, double value) {
        if (!((float) value > 0 && Float.isFinite((float) value))) {
            throw new IllegalArgumentException(optimizer + ": epsilon " + value + ", must be above 0 and finite in single precision");
        }
    }
}
