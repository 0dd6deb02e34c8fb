package dev.fedtiny.protocol;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A frame that was sent or received. */
@Name("dev.fedtiny.Message")
@Label("Message")
@Category("FedTiny")
@Description("A frame between server and device, counted where traffic is counted")
@StackTrace(false)
final class MessageEvent extends Event {
    @Label("Kind")
    String kind;

    @Label("Direction")
    String direction;

    @Label("Round")
    @Description("From 1 on; 0 before the first")
    int round;

    @Label("Bytes")
    @DataAmount
    long bytes;

    /** Records a frame; does nothing, and makes nothing, without a recording. */
    static void record(MessageKind kind, int round, long frameBytes) {
        if (!FlightRecorder.isInitialized()) {
            return;
        }
        MessageEvent event = new MessageEvent();
        if (event.shouldCommit()) {
            event.kind = kind.name();
            event.direction = kind.direction().name();
            event.round = Math.toIntExact(Math.min(Integer.MAX_VALUE, Frame.number(round)));
            event.bytes = frameBytes;
            event.commit();
        }
    }
}
