package dev.fedtiny.method;

import java.util.List;
import java.util.Optional;

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
        Pretraining.Outcome pretrained = context.pretrain();
        return context.start(pretrained, pretrained.model(), Optional.empty(), List.of(), new MethodMemory.None());
    }

    @Override
    public RoundOutcome round(FederationContext context, MethodState state) {
        FederatedRound round = FederatedRound.run(context, state, List.of());
        return round.finish(context, round.outcome().model(), state.maskVersion(), state.adjustments(), List.of(), state.memory());
    }
}
