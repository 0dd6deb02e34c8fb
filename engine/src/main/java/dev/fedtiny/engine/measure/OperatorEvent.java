package dev.fedtiny.engine.measure;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** Work of an operator, from handing it out to having it back. */
@Name("dev.fedtiny.Operator")
@Label("Operator")
@Category("FedTiny")
@Description("Work of one operator, from handing it out to the threads to having it back")
@StackTrace(false)
final class OperatorEvent extends Event {
    @Label("Operator")
    @Description("state_dict prefix of a layer with weights")
    String operator;

    @Label("Pass")
    @Description("The pass that took most of the time")
    String pass;

    @Label("Thread Time")
    @Timespan(Timespan.NANOSECONDS)
    long threadTime;

    void finish(String name, PassKind longest, long threadNanos) {
        end();
        if (shouldCommit()) {
            operator = name;
            pass = longest.name();
            threadTime = threadNanos;
            commit();
        }
    }
}
