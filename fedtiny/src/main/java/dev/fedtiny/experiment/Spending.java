package dev.fedtiny.experiment;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.privacy.GaussianMechanism;
import java.io.IOException;
import java.util.Optional;

/**
 * The ledger of a run that has one, nothing for others.
 *
 * @param ledger of differential privacy; empty: the run has no noise
 */
record Spending(Optional<PrivacyLedger> ledger) implements AutoCloseable {
    static Spending open(RunDirectory directory, Optional<GaussianMechanism> mechanism) throws IOException {
        return new Spending(PrivacyLedger.open(directory, mechanism));
    }

    /** So many rounds are done; what to warn of where fewer were written down. */
    Optional<String> atLeast(int rounds) {
        return ledger.flatMap(open -> open.atLeast(rounds));
    }

    /** A round is about to be done. */
    void round(int round) throws IOException {
        if (ledger.isPresent()) {
            ledger.get().spend(round);
        }
    }

    /** So far, as the line of a round that is done has it. */
    Optional<JsonObject> soFar() {
        return ledger.map(PrivacyLedger::round);
    }

    Optional<String> planned(int roundsLeft) {
        return ledger.map(open -> open.planned(roundsLeft));
    }

    Optional<String> spent() {
        return ledger.map(PrivacyLedger::spent);
    }

    Optional<JsonObject> json() {
        return ledger.map(PrivacyLedger::json);
    }

    @Override
    public void close() throws IOException {
        if (ledger.isPresent()) {
            ledger.get().close();
        }
    }
}
