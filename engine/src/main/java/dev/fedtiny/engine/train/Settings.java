package dev.fedtiny.engine.train;

/** Ranges of settings that several optimisers have. */
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

    /** A value above 0. */
    static void checkEpsilon(String optimizer, double value) {
        if (!((float) value > 0 && Float.isFinite((float) value))) {
            throw new IllegalArgumentException(optimizer + ": epsilon " + value + ", must be above 0 and finite in single precision");
        }
    }
}
