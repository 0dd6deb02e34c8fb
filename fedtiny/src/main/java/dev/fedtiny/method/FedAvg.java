package dev.fedtiny.method;

/**
 * Federated averaging (McMahan et al., AISTATS 2017): the dense model, averaged by sample counts. Starts from the same pretrained
 * model as every other method.
 */
public record FedAvg() implements Method {
    @Override
    public String name() {
        return "fedavg";
    }

    @Override
    public DensityPromise promise() {
        return new DensityPromise(DensityPromise.Kind.NONE, 1);
    }

    @Override
    public InitOutcome init(FederationContext context) {
        throw new UnsupportedOperationException();
    }

    @Override
    public RoundOutcome round(FederationContext context, MethodState state) {
        throw new UnsupportedOperationException();
    }
}
