package dev.fedtiny.federation;

import dev.fedtiny.protocol.DeviceMessage;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.Measured;
import dev.fedtiny.protocol.ServerMessage;
import dev.fedtiny.protocol.Traffic;
import java.util.List;

/**
 * How devices are reached. Only bytes pass; the fleet counts them. Devices may work at the same time, but a device holds its answer
 * until asked: answers are handed over one after the other in the order of the list, so neither results nor the server's memory depend
 * on which device was quick.
 */
public interface Fleet extends AutoCloseable {
    /** K, how many devices there are; they are numbered from 0. */
    int devices();

    /**
     * Sends every listed device its request and hands over what came back, in the order of the list, on the caller's thread.
     *
     * @param devices numbers, each at most once
     * @param requests makes a device's frame when its turn comes; may be asked on any thread
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

    /** Is told that a device's answer was no valid message; what else it has to say may be worth no more. */
    default void rejected(int device) {
    }

    /** Every byte sent and received so far. */
    Traffic traffic();

    /** What the devices' work took since this was asked last; nothing where it is not measured, or not known here. */
    default Measured takeMeasured() {
        return Measured.NONE;
    }

    @Override
    void close();

    /** Makes requests. */
    interface Requests {
        /** The frame for a device. Thread-safe. */
        byte[] frame(int device);

        /**
         * The request before it is encoded, for a fleet that carries no bytes.
         *
         * @throws UnsupportedOperationException where only the frame is known
         */
        default ServerMessage message(int device) {
            throw new UnsupportedOperationException("these requests are there as frames only");
        }

        /** The most bytes that a frame of an answer may have; a longer one need not be received. Thread-safe. */
        default int longestAnswer(int device) {
            return Frame.OVERHEAD_BYTES + Frame.MAXIMUM_PAYLOAD_BYTES;
        }
    }

    /** Takes answers. */
    interface Answers {
        /** A device's frame, unchecked. */
        void answered(int device, byte[] frame);

        /**
         * The answer of a fleet that carries no bytes.
         *
         * @param requestBytes how long the request's frame would have been
         * @param answerBytes how long the answer's frame would have been
         * @throws UnsupportedOperationException where only frames are taken
         */
        default void answered(int device, DeviceMessage answer, long requestBytes, long answerBytes) {
            throw new UnsupportedOperationException("these answers are taken as frames only");
        }

        /** A device that gave no answer, and why. */
        void lost(int device, String reason);
    }
}
