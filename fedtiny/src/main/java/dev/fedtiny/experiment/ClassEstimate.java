package dev.fedtiny.experiment;

import dev.fedtiny.federation.DeviceClass;
import dev.fedtiny.method.DeviceRound;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.RoundReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a device of a class will have to do, told before the run.
 *
 * @param of its name, density and memory
 * @param plan what its process needs for its most expensive round
 * @param maxDeviceFlops FLOPs of the most expensive round of a device of the class
 * @param bytesDown to all its devices in all rounds
 * @param bytesUp from all its devices in all rounds
 * @param flops of all its devices in all rounds
 */
public record ClassEstimate(DeviceClass of, DevicePlan plan, long maxDeviceFlops, long bytesDown, long bytesUp, long flops) {
    /** {@return whether its devices can hold what they have to; true where it is not said what they can hold} */
    public boolean fits() {
        return of.memoryBytes().isEmpty() || plan.total() <= of.memoryBytes().getAsLong();
    }

    /** Adds up rounds of devices that do not train, class by class. */
    static final class Sums {
        private final FederationContext context;
        private final List<List<DeviceRound>> rounds = new ArrayList<>();

        Sums(FederationContext context) {
            this.context = context;
            context.plan().local().classes().all().forEach(_ -> rounds.add(new ArrayList<>()));
        }

        void add(RoundReport report) {
            if (!rounds.isEmpty()) {
                report.devices().forEach(device -> rounds.get(context.classOf(device.device())).add(device));
            }
        }

        List<ClassEstimate> classes(Experiment experiment) {
            List<DevicePlan> plans = DevicePlan.byClass(experiment, context.plan());
            List<ClassEstimate> classes = new ArrayList<>();
            for (int place = 0; place < rounds.size(); place++) {
                List<DeviceRound> own = rounds.get(place);
                classes.add(new ClassEstimate(context.plan().local().classes().all().get(place), plans.get(place),
                        own.stream().max(Comparator.comparingLong(DeviceRound::flops)).map(DeviceRound::flops).orElse(0L),
                        own.stream().mapToLong(DeviceRound::bytesDown).sum(), own.stream().mapToLong(DeviceRound::bytesUp).sum(),
                        own.stream().mapToLong(DeviceRound::flops).sum()));
            }
            return classes;
        }
    }
}
