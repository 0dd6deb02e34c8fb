package dev.fedtiny.experiment;

import dev.fedtiny.settings.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where a node of a cluster is reached.
 *
 * @param host a name or an address; one with colons in square brackets
 * @param port from 1
 */
public record NodeAddress(String host, int port) {
    /** What one looks like, for messages. */
    public static final String FORM = "HOST:PORT";
    /** What several look like, for messages. */
    public static final String LIST = "HOST:PORT, or several of them, comma-separated";

    private static final Numbers.Whole PORTS = new Numbers.Whole(1, 65_535, "");

    /**
     * Reads one.
     *
     * @param text {@link #FORM}
     * @return the address; empty where the text is none
     */
    public static Optional<NodeAddress> read(String text) {
        int colon = text.lastIndexOf(':');
        OptionalLong port = PORTS.read(text.substring(colon + 1));
        return colon > 0 && port.isPresent() && text.substring(0, colon).matches("[\\p{L}\\p{N}._-]+|\\[[0-9a-fA-F:.%]+]")
                ? Optional.of(new NodeAddress(text.substring(0, colon), (int) port.getAsLong())) : Optional.empty();
    }

    /**
     * Reads several.
     *
     * @param text {@link #LIST}
     * @return the addresses, at least one; empty where one of them is none
     */
    public static Optional<List<NodeAddress>> readList(String text) {
        List<NodeAddress> addresses = new ArrayList<>();
        for (String one : text.split(",", -1)) {
            Optional<NodeAddress> address = read(one.strip());
            if (address.isEmpty()) {
                return Optional.empty();
            }
            addresses.add(address.get());
        }
        return Optional.of(List.copyOf(addresses));
    }

    /** As it is given. */
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
