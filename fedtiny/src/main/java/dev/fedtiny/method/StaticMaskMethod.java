package dev.fedtiny.method;

import dev.fedtiny.device.PlainTraining;
import dev.fedtiny.federation.Robustness;
import dev.fedtiny.protocol.LocalTask;
import java.util.Optional;

/**
 * A method whose masks are chosen once, by {@link #init}: afterwards devices train under them and the server takes the weighted mean. So a
 * device may hold a part of the model, sums over the devices are all the server needs, and nothing but values is taken from devices. What
 * is left for such a method to say is how it chooses its masks.
 */
public interface StaticMaskMethod extends Method {
    @Override
    default LocalTask task(MethodState state) {
        return new PlainTraining();
    }

    @Override
    default RoundStep step(FederationContext context, MethodState state) {
        return RoundStep.average(context, state);
    }

    @Override
    default Optional<String> refusesParts() {
        return Optional.empty();
    }

    @Override
    default Optional<String> refusesSums(Robustness robustness) {
        return Optional.empty();
    }

    @Override
    default Optional<String> refusesNoise(Robustness robustness) {
        return Optional.empty();
    }
}
