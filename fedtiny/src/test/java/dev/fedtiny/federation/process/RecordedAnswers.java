package dev.fedtiny.federation.process;

import dev.fedtiny.federation.Fleet;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Keeps what an exchange came to. */
final class RecordedAnswers implements Fleet.Answers {
    final Map<Integer, byte[]> frames = new TreeMap<>();
    final Map<Integer, String> lost = new TreeMap<>();

    @Override
    public Optional<String> answered(int device, byte[] frame) {
        frames.put(device, frame.clone());
        return Optional.empty();
    }

    @Override
    public void lost(int device, String reason) {
        lost.put(device, reason);
    }
}
