package dev.fedtiny.method;

import dev.fedtiny.protocol.LocalTask;
import java.util.List;

/**
 * Federated averaging (McMahan et al., AISTATS 2017): the dense model, averaged by sample counts. Starts from the same pretrained
 * model as every other method. The small dense networks run under it too.
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
        Pretraining.Outcome pretrained = context.pretrain(promise());
        return context.start(pretrained, pretrained.model(), List.of(), new AlgorithmState.None());
    }

    @Override
    public LocalTask task(MethodState state) {
        return new LocalTask.Ordinary();
    }

    @Override
    public RoundOutcome round(FederationContext context, MethodState state) {
        return FederatedRound.plain(context, state);
    }
}
