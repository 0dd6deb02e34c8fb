package dev.fedtiny.federation;

import dev.fedtiny.protocol.Hello;
import dev.fedtiny.protocol.Request;
import dev.fedtiny.protocol.ServerMessage;
import dev.fedtiny.protocol.Traffic;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A fleet between a server and another fleet: it looks at what passes, and may change it. */
public abstract class RelayedFleet implements Fleet {
    private final Fleet fleet;

    protected RelayedFleet(Fleet fleet) {
        this.fleet = fleet;
    }

    /** A request on its way down. */
    protected Request down(int device, Request request) {
        return request;
    }

    /** An answer on its way up: null loses it. */
    protected byte[] up(int device, byte[] frame, Requests requests) {
        return frame;
    }

    @Override
    public final List<Integer> roster() {
        return fleet.roster();
    }

    @Override
    public final Optional<Hello> introduction(int device) {
        return fleet.introduction(device);
    }

    @Override
    public List<Integer> renewed(List<Integer> devices) {
        return fleet.renewed(devices);
    }

    @Override
    public void exchange(List<Integer> devices, Requests requests, Answers answers) {
        fleet.exchange(devices, new Requests() {
            @Override
            public Request request(int device) {
                return down(device, requests.request(device));
            }

            @Override
            public Optional<ServerMessage> recalled(int device) {
                return requests.recalled(device);
            }

            @Override
            public Optional<Request> recall(int device) {
                return requests.recall(device);
            }

            @Override
            public int longestAnswer(int device) {
                return requests.longestAnswer(device);
            }
        }, new Answers() {
            @Override
            public Optional<String> answered(int device, byte[] frame) {
                byte[] passed = up(device, frame, requests);
                if (passed == null) {
                    answers.lost(device, "the line went dead");
                    return Optional.empty();
                }
                return answers.answered(device, passed);
            }

            @Override
            public void lost(int device, String reason) {
                answers.lost(device, reason);
            }

            @Override
            public boolean open() {
                return answers.open();
            }

            @Override
            public Optional<Duration> remaining() {
                return answers.remaining();
            }
        });
    }

    @Override
    public final Traffic traffic() {
        return fleet.traffic();
    }

    @Override
    public void close() {
        fleet.close();
    }
}
