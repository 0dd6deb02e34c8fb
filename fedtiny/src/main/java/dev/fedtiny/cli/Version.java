package dev.fedtiny.cli;

/** What this program calls itself. */
final class Version {
    private Version() {
    }

    static String text() {
        return Main.class.getModule().isNamed() && Main.class.getModule().getDescriptor().version().isPresent()
                ? Main.class.getModule().getDescriptor().version().get().toString()
                : "0.1.0";
    }
}
