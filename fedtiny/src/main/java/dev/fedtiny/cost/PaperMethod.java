package dev.fedtiny.cost;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How each method is counted in its most expensive round. */
public enum PaperMethod {
    /** Dense. */
    FEDAVG(CostClass.DENSE),
    /** Most expensive at its dense start. */
    LOTTERYFL(CostClass.DENSE),
    /** One mask for the whole run. */
    FLPQSU(CostClass.STATIC),
    /** One mask for the whole run. */
    SNIP(CostClass.STATIC),
    /** One mask for the whole run. */
    SYNFLOW(CostClass.STATIC),
    /** Squared gradients of all weights in every step. */
    PRUNEFL(CostClass.DENSE_GRADIENT_EVERY_STEP),
    /** Growth gradients of one batch. */
    FEDTINY(CostClass.GROWTH_IN_ONE_BATCH),
    /** Growth gradients of one batch. */
    FEDDST(CostClass.GROWTH_IN_ONE_BATCH),
    /** As FedTiny; its pruning of activations is not counted. */
    FEDMEF(CostClass.GROWTH_IN_ONE_BATCH),
    /** Growth gradients of one batch. */
    FEDRTS(CostClass.GROWTH_IN_ONE_BATCH),
    /** Growth gradients of one batch. */
    FEDSGC(CostClass.GROWTH_IN_ONE_BATCH);

    private final CostClass costClass;

    PaperMethod(CostClass costClass) {
        this.costClass = costClass;
    }

    /** How its steps are counted. */
    public CostClass costClass() {
        return costClass;
    }

    /**
     * The method of a name; hyphens and case do not matter.
     *
     * @throws IllegalArgumentException listing the names there are
     */
    public static PaperMethod of(String name) {
        String plain = name.replace("-", "").toUpperCase(Locale.ROOT);
        return Arrays.stream(values()).filter(method -> method.name().equals(plain)).findFirst().orElseThrow(() ->
                new IllegalArgumentException("no cost is known for the method '" + name + "'; known are "
                        + Arrays.stream(values()).map(method -> method.name().toLowerCase(Locale.ROOT)).collect(Collectors.joining(", "))));
    }
}
