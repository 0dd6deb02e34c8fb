package dev.fedtiny.federation;

import dev.fedtiny.protocol.MessageKind;
import java.util.List;
import java.util.Optional;

/**
 * Remembers over the end of a server who was heard in an exchange, before what they said is used: a server that was killed and goes on from
 * its checkpoint then takes the same answers again, and comes to the same bits, though others might answer sooner this time.
 */
public interface RoundLog {
    /** Remembers nothing: for servers whose devices always are the same. */
    RoundLog NONE = new RoundLog() {
        @Override
        public Optional<List<Integer>> reporters(Key key) {
            return Optional.empty();
        }

        @Override
        public void closed(Key key, List<Integer> reporters) {
            // Nobody asks for it.
        }
    };

    /**
     * What an exchange is known by.
     *
     * @param kind what was asked
     * @param round r, or {@link dev.fedtiny.protocol.Frame#NO_ROUND}
     * @param attempt from 0 on, how often the round or stage was begun before
     */
    record Key(MessageKind kind, int round, int attempt) {
    }

    /**
     * Who was heard in an earlier life of this server.
     *
     * @param key of the exchange
     * @return devices by number, ascending; empty where the exchange was never closed
     */
    Optional<List<Integer>> reporters(Key key);

    /**
     * Is told that an exchange is closed. What the answers come to is used when this has returned: it must be safe by then.
     *
     * @param key of the exchange
     * @param reporters devices whose answers are taken, ascending
     */
    void closed(Key key, List<Integer> reporters);
}
