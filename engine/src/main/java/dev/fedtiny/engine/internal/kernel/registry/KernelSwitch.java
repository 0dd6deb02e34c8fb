package dev.fedtiny.engine.internal.kernel.registry;

/**
 * Lets scalar kernels compute while vector kernels are being compiled. Interpreted, a vector is an object, and vector kernels are up to ten
 * times slower than scalar ones until C2 has compiled them. Both give the same bits, so it does not matter which of them computes what, nor
 * whether the change falls into the middle of a pass.
 *
 * <p>Every kernel of {@link KernelRegistry#current()} is then a {@link KernelSwitches} record, which asks here at every call. C2 takes a
 * record's components for constants where the record is one, so what is left when vectors compute is a load and a branch for a call that
 * works for microseconds.
 */
public final class KernelSwitch {
    /** The property that turns the warm start {@code off}: vector kernels then compute from the beginning, compiled or not. */
    public static final String PROPERTY = "dev.fedtiny.warm-start";

    private static final boolean WANTED = !System.getProperty(PROPERTY, "on").equalsIgnoreCase("off");

    /** The only thread that computes with vectors; null: all do. Plain: a thread that sees an old value computes the same bits. */
    private static Thread warming;

    private KernelSwitch() {
    }

    /** Whether this JVM has kernels that can be switched. */
    public static boolean available() {
        return WANTED && KernelRegistry.current().vectorBits() > Float.SIZE;
    }

    /** From now on only one thread computes with vectors; null: all do, as from the beginning. */
    public static void warmBy(Thread only) {
        warming = only;
    }

    /** Whether the calling thread computes with vectors. */
    static boolean vectors() {
        Thread only = warming;
        return only == null || only == Thread.currentThread();
    }

    /** Vector kernels that can be switched, where that is wanted. */
    static KernelRegistry between(KernelRegistry scalar, KernelRegistry vectors) {
        return WANTED ? KernelSwitches.between(scalar, vectors) : vectors;
    }
}
