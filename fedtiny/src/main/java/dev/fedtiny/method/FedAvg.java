package dev.fedtiny.method;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.settings.SettingSpec;
import java.util.List;

/**
 * Federated averaging (McMahan et al., AISTATS 2017): the dense model, averaged by sample counts. Starts from the same pretrained
 * model as every other method. The small dense networks run under it too.
 */
public record FedAvg() implements StaticMaskMethod {
    /** The name in files, tables and on the command line. */
    public static final String NAME = "fedavg";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CostClass costClass() {
        return CostClass.DENSE;
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

    /** Finds the method by its name. */
    public static final class Provider implements MethodProvider {
        /** For the service loader. */
        public Provider() {
        }

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public String description() {
            return "federated averaging of the dense model";
        }

        @Override
        public List<SettingSpec<?>> settings() {
            return List.of();
        }

        @Override
        public Method create(MethodSettings settings) {
            return new FedAvg();
        }
    }
}
