package dev.fedtiny.federation;

import dev.fedtiny.protocol.DeviceMessage;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.Hello;
import dev.fedtiny.protocol.Measured;
import dev.fedtiny.protocol.Request;
import dev.fedtiny.protocol.ServerMessage;
import dev.fedtiny.protocol.Traffic;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How devices are reached. Only bytes pass; the fleet counts them. Devices work at the same time, and answers are handed over one after the
 * other in whatever order they come: what the server makes of them does not depend on it. A device that is slow, hangs or is gone keeps no
 * other waiting.
 */
public interface Fleet extends AutoCloseable {
    /**
     * The roster of this moment: devices that may be asked. Devices come and go, and a number always means the same one. Any thread.
     *
     * @return numbers of at least 0, ascending
     */
    List<Integer> roster();

    /**
     * What a device said of itself when it joined, where joining tells that.
     *
     * @param device its number
     * @return what it said; empty: it is asked before its first request
     */
    default Optional<Hello> introduction(int device) {
        return Optional.empty();
    }

    /**
     * What a device says that it can hold.
     *
     * @param device its number
     * @return what it said when it joined; by default nothing
     */
    default Capacity capacity(int device) {
        return Capacity.UNSTATED;
    }

    /**
     * Sends every listed device its request and hands over what comes back, in any order, on the caller's thread. No device is handed over
     * twice, whatever it sends. It ends when all of them have answered or are lost, or as soon as no more answers are wanted
     * ({@link Answers#open}) or the time is over ({@link Answers#remaining}). Whoever is at work then is let go: what it sends later counts
     * as traffic and is dropped, and it may be asked again in the next exchange.
     *
     * @param devices numbers, each at most once; where devices are simulated one after the other, they work in this order
     * @param requests makes a device's request when its turn comes; may be asked on any thread
     * @param answers takes every answer, or why there is none
     */
    void exchange(List<Integer> devices, Requests requests, Answers answers);

    /**
     * Devices that started anew since this was last asked: they know nothing of what was sent before. A fleet of processes starts those
     * again that have died.
     *
     * @param devices which ones are of interest
     * @return some of them, in the same order
     */
    default List<Integer> renewed(List<Integer> devices) {
        return List.of();
    }

    /**
     * Whether a device is made anew for every request, from what {@link Requests#recalled} says it held: then nothing need be given back to
     * it when a run goes on.
     *
     * @return false where devices are kept
     */
    default boolean recalls() {
        return false;
    }

    /**
     * Is told that the run is safe up to here: answers to requests of earlier rounds are not asked for again, whatever becomes of the
     * server.
     *
     * @param round the next round to do
     */
    default void saved(int round) {
    }

    /**
     * Traffic of this fleet.
     *
     * @return every byte sent and received so far, whole frames
     */
    Traffic traffic();

    /**
     * Whether devices only pretend to work: then what they send has the right length and no content.
     *
     * @return by default false
     */
    default boolean pretends() {
        return false;
    }

    /**
     * The lasting key that a device must sign its keys of secure sums with.
     *
     * @param device its number
     * @return in X.509 encoding; empty where nobody is between server and devices
     */
    default Optional<byte[]> identity(int device) {
        return Optional.empty();
    }

    /**
     * What the devices' work took since this was asked last.
     *
     * @return the measurements; nothing where it is not measured, or not known here
     */
    default Measured takeMeasured() {
        return Measured.NONE;
    }

    @Override
    void close();

    /** Lets go of the devices without a word, where they can wait for a server that goes on with their run; by default they are ended. */
    default void abandon() {
        close();
    }

    /** Makes requests. */
    interface Requests {
        /**
         * The request to a device. Thread-safe.
         *
         * @param device its number
         * @return a request whose body all devices share that are asked the same
         */
        Request request(int device);

        /**
         * The request before it is encoded, for a fleet that carries no bytes.
         *
         * @param device its number
         * @return the message; the same object for all devices that are asked the same
         * @throws UnsupportedOperationException where only the encoded request is known
         */
        default ServerMessage message(int device) {
            throw new UnsupportedOperationException("these requests are there as frames only");
        }

        /**
         * What a device must hold that is made anew for this request: all that matters of what it held when it answered last. Where it is
         * kept from one request to the next there is nothing to recall. Thread-safe.
         *
         * @param device its number
         * @return a {@link dev.fedtiny.protocol.Restore} before a request without masks, the pool before its candidates' statistics; empty
         *         where the request presupposes nothing
         */
        default Optional<ServerMessage> recalled(int device) {
            return Optional.empty();
        }

        /**
         * The same encoded, for a fleet that makes the device elsewhere. Not counted as traffic: a device that is kept does not get it.
         *
         * @param device its number
         * @return for {@link dev.fedtiny.device.Device#recall(byte[], dev.fedtiny.protocol.FrameSource)}; its body is shared by all devices
         *         that held the same
         */
        default Optional<Request> recall(int device) {
            return Optional.empty();
        }

        /**
         * The most bytes that a frame of an answer may have; a longer one need not be received. Thread-safe.
         *
         * @param device its number
         * @return bytes of the frame
         */
        default int longestAnswer(int device) {
            return Frame.OVERHEAD_BYTES + Frame.MAXIMUM_PAYLOAD_BYTES;
        }
    }

    /** Takes answers. */
    interface Answers {
        /**
         * A device's frame, unchecked.
         *
         * @param device its number
         * @param frame as it came; whole and unchanged until this returns, then the next answer may stand in the same array
         * @return one sentence why it is no valid answer; empty when it was taken
         */
        Optional<String> answered(int device, byte[] frame);

        /**
         * The answer of a fleet that carries no bytes.
         *
         * @param device its number
         * @param answer what it says
         * @param requestBytes how long the request's frame would have been
         * @param answerBytes how long the answer's frame would have been
         * @throws UnsupportedOperationException where only frames are taken
         */
        default void answered(int device, DeviceMessage answer, long requestBytes, long answerBytes) {
            throw new UnsupportedOperationException("these answers are taken as frames only");
        }

        /**
         * A device that gave no answer.
         *
         * @param device its number
         * @param reason why, in one sentence
         */
        void lost(int device, String reason);

        /**
         * Whether more answers are wanted. Asked before every device that works in its turn, and after every answer.
         *
         * @return false once there are enough
         */
        default boolean open() {
            return true;
        }

        /**
         * How long answers are still waited for.
         *
         * @return wall time, at least 0; empty: as long as the fleet itself waits
         */
        default Optional<Duration> remaining() {
            return Optional.empty();
        }
    }
}
