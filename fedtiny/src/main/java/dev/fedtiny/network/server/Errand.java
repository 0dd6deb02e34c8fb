package dev.fedtiny.network.server;

import dev.fedtiny.network.SignedRequest;
import dev.fedtiny.protocol.MessageKind;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * What a device is asked, as bytes: what all devices of the exchange share, and what is its own.
 *
 * @param kind of the request
 * @param round it belongs to
 * @param head the frame's header
 * @param body what devices share; not to be changed
 * @param bodySha256 hexadecimal
 * @param tail the frame's checksum
 * @param longestAnswer bytes that a frame of an answer may have
 */
record Errand(MessageKind kind, int round, byte[] head, byte[] body, String bodySha256, byte[] tail, int longestAnswer) {
    /** Bytes of the whole frame. */
    long frameBytes() {
        return (long) head.length + body.length + tail.length;
    }

    /**
     * The number of a turn: the same work of the same device in the same run always has the same one, also after the server was started
     * again.
     *
     * @param run which run
     */
    String turn(String run, Member member) {
        return SignedRequest.sha256(("turn\n" + run + "\n" + member.id() + "\n" + HexFormat.of().formatHex(head) + "\n" + bodySha256)
                .getBytes(StandardCharsets.US_ASCII));
    }
}
