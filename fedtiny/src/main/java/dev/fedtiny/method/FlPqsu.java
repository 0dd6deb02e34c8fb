package dev.fedtiny.method;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.settings.SettingSpec;
import java.util.List;

/**
 * The pruning of FL-PQSU (Xu et al., "Accelerating Federated Learning for IoT in Big Data Analytics With Pruning, Quantization and
 * Selective Updating", IEEE Access 2021): the server prunes the pretrained model once, layer by layer by magnitude (L1), and the mask
 * stays.
 *
 * <p>Deviations: single weights are pruned, not filters, so that it competes at the same density as the others; there is no quantisation
 * and no selective updating, which are independent of the mask.
 *
 * @param density d in (0, 1], of every prunable layer: as many weights stay as
 *        {@link dev.fedtiny.engine.pruning.LayerCounts#uniform(dev.fedtiny.engine.model.Network, double)} says
 */
public record FlPqsu(double density) implements StaticMaskMethod {
    /** The name in files, tables and on the command line. */
    public static final String NAME = "fl-pqsu";

    /** Checks the range. */
    public FlPqsu {
        Adjusting.checkDensity(density);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CostClass costClass() {
        return CostClass.STATIC;
    }

    @Override
    public DensityPromise promise() {
        return new DensityPromise(DensityPromise.Kind.CONSTANT, density);
    }

    @Override
    public InitOutcome init(FederationContext context) {
        Pretraining.Outcome pretrained = context.pretrain(promise());
        return context.start(pretrained, Magnitude.uniform(pretrained.model(), density), List.of(), new AlgorithmState.None());
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
            return "one magnitude mask of the pretrained model for the whole run";
        }

        @Override
        public List<SettingSpec<?>> settings() {
            return List.of(MethodSettings.DENSITY);
        }

        @Override
        public Method create(MethodSettings settings) {
            return new FlPqsu(settings.density());
        }
    }
}
