package dev.fedtiny.network.server;

import dev.fedtiny.data.Sha256;
import dev.fedtiny.protocol.Request;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * What a device is asked, and how much it may say.
 *
 * @param request whose body devices share
 * @param longestAnswer bytes that a frame of an answer may have
 */
record Errand(Request request, int longestAnswer) {
    /**
     * The number of a turn: the same work of the same device in the same run always has the same one, also after the server was started
     * again.
     *
     * @param run which run
     */
    String turn(String run, Member member) {
        return Sha256.of(("turn\n" + run + "\n" + member.id() + "\n" + HexFormat.of().formatHex(request.head()) + "\n"
                + request.body().sha256()).getBytes(StandardCharsets.US_ASCII));
    }
}
