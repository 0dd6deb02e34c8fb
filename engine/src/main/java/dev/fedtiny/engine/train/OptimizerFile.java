package dev.fedtiny.engine.train;

import dev.fedtiny.engine.io.SafetensorsException;
import dev.fedtiny.engine.io.SafetensorsFile;
import dev.fedtiny.engine.io.SafetensorsWriter;
import dev.fedtiny.engine.io.TensorEntry;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.NonFiniteException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * What an optimiser remembers, as a safetensors file: F32 tensors PARAMETER/STATE of the active positions in the mask's order, and in the
 * metadata {@code format}, {@code version}, {@code steps}, for every parameter {@code rule.PARAMETER}, whose rule's numbers these are,
 * since rules call different things by one name, and for every parameter that is pruned {@code mask.PARAMETER}, a checksum of its
 * positions, since numbers under other masks would belong to other weights. Files that name no rules are older: their tensors and the order
 * of these tell all rules of this package apart but Adam and AdamW.
 */
final class OptimizerFile {
    private static final String FORMAT = "fedtiny-optimizer";
    private static final String VERSION = "1";
    private static final String RULE = "rule.";
    private static final int NAMED = 3;

    private OptimizerFile() {
    }

    static void write(Path file, PositionState state, UpdateRule[] rules, long steps) throws IOException {
        checkFinite(state, rules);
        SafetensorsWriter writer = new SafetensorsWriter().metadata("format", FORMAT).metadata("version", VERSION)
                .metadata("steps", Long.toString(steps));
        for (int slot = 0; slot < rules.length; slot++) {
            String parameter = name(state, slot);
            writer.metadata(RULE + parameter, rules[slot].kind());
            Mask mask = state.session().mask(state.parameters()[slot]);
            if (!mask.isFull()) {
                writer.metadata("mask." + parameter, checksum(mask));
            }
            for (int i = 0; i < rules[slot].state().size(); i++) {
                writer.floats(parameter + "/" + rules[slot].state().get(i), List.of(mask.count()), state.of(slot)[i]);
            }
        }
        writer.write(file);
    }

    /** Names the first number that is none: squares of gradients beyond 1e19, say, which leave values where they are for good. */
    static void checkFinite(PositionState state, UpdateRule[] rules) {
        for (int slot = 0; slot < rules.length; slot++) {
            for (int i = 0; i < rules[slot].state().size(); i++) {
                checkFinite(name(state, slot) + "/" + rules[slot].state().get(i), state.session().mask(state.parameters()[slot]),
                        state.of(slot)[i]);
            }
        }
    }

    private static void checkFinite(String name, Mask mask, float[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new NonFiniteException("optimiser: its state '" + name + "' is " + values[i] + " at position " + mask.index(i)
                        + " of " + mask.size() + ", where it would leave the value as it is for good: gradients have been too large for "
                        + "their squares; clip them, or use a smaller learning rate");
            }
        }
    }

    /** Fills the state and returns the steps taken. */
    static long read(Path path, PositionState state, UpdateRule[] rules) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            Map<String, String> metadata = file.metadata();
            if (!FORMAT.equals(metadata.get("format")) || !VERSION.equals(metadata.get("version"))) {
                throw problem(path, "format '" + metadata.get("format") + "' and version '" + metadata.get("version")
                        + "' in the metadata, expected '" + FORMAT + "' and '" + VERSION + "'; this is no optimiser's state");
            }
            long steps = steps(path, metadata.get("steps"));
            float[][][] read = new float[rules.length][][];
            int tensors = 0;
            boolean named = metadata.keySet().stream().anyMatch(key -> key.startsWith(RULE));
            for (int slot = 0; slot < rules.length; slot++) {
                if (named) {
                    checkRule(path, metadata.get(RULE + name(state, slot)), name(state, slot), rules[slot].kind());
                }
                checkMask(path, metadata, name(state, slot), state.session().mask(state.parameters()[slot]));
                List<String> names = rules[slot].state();
                read[slot] = new float[names.size()][];
                for (int i = 0; i < names.size(); i++) {
                    read[slot][i] = values(path, file, name(state, slot) + "/" + names.get(i), state.of(slot)[i].length);
                    tensors++;
                }
                if (!named) {
                    checkOrder(path, file, name(state, slot), rules[slot]);
                }
            }
            if (file.tensors().size() != tensors) {
                throw problem(path, file.tensors().size() + " tensors, expected " + tensors
                        + ": it is the state of another optimiser, or of a network with more parameters");
            }
            state.replace(read);
            return steps;
        }
    }

    private static String name(PositionState state, int slot) {
        return state.session().network().parameters().get(state.parameters()[slot]).name();
    }

    private static long steps(Path path, String text) throws SafetensorsException {
        if (text == null || !text.matches("[0-9]{1,18}")) {
            throw problem(path, "'" + text + "' steps in the metadata, expected a whole number");
        }
        return Long.parseLong(text);
    }

    private static void checkRule(Path path, String found, String parameter, String expected) throws SafetensorsException {
        if (found == null) {
            throw problem(path, "there is no state of '" + parameter + "', which the session trains: it is of other parameters; freeze "
                    + "what was frozen when it was saved, or begin without it");
        }
        if (!found.equals(expected)) {
            throw problem(path, "the state of '" + parameter + "' is of the optimiser " + found + ", the session's is " + expected
                    + ", to which its numbers mean something else; restore it into the optimiser that saved it, or begin without it");
        }
    }

    /** Rules have always written their tensors in their own order, which tells moments of RMSprop, of one name with Adam's, from these. */
    private static void checkOrder(Path path, SafetensorsFile file, String parameter, UpdateRule rule) throws SafetensorsException {
        long begin = 0;
        for (String name : rule.state()) {
            TensorEntry entry = file.get(parameter + "/" + name);
            if (entry.begin() < begin) {
                throw problem(path, "the tensors of '" + parameter + "' are in another order than " + rule.state() + ", that of the "
                        + "session's optimiser " + rule.kind() + ": it is the state of another optimiser; begin without it");
            }
            begin = entry.begin();
        }
    }

    private static void checkMask(Path path, Map<String, String> metadata, String parameter, Mask mask) throws SafetensorsException {
        String found = metadata.get("mask." + parameter);
        String expected = mask.isFull() ? null : checksum(mask);
        if (found == null ? expected != null : !found.equals(expected)) {
            throw problem(path, "the state of '" + parameter + "' is for a mask " + (found == null ? "with all positions" : found)
                    + ", the session's is " + (expected == null ? "one with all positions" : expected)
                    + "; load the model that was saved beside it first");
        }
    }

    /** Active positions and a checksum of which ones. */
    private static String checksum(Mask mask) {
        CRC32C checksum = new CRC32C();
        ByteBuffer four = ByteBuffer.allocate(4);
        for (int i = 0; i < mask.count(); i++) {
            checksum.update(four.putInt(0, mask.index(i)).array());
        }
        return "of " + mask.count() + " of " + mask.size() + " positions, CRC-32C " + Long.toHexString(checksum.getValue());
    }

    private static float[] values(Path path, SafetensorsFile file, String name, int count) throws IOException {
        TensorEntry entry = file.find(name).orElseThrow(() -> problem(path, "there is no tensor '" + name + "', only "
                + file.tensors().stream().limit(NAMED).map(TensorEntry::name).toList()
                + (file.tensors().size() > NAMED ? " and others" : "") + ": it is the state of another optimiser, or of other parameters"));
        if (!entry.shape().equals(List.of((long) count))) {
            throw problem(path, "tensor '" + name + "' has shape " + entry.shape() + ", expected [" + count + "]");
        }
        float[] values = file.readFloats(name);
        for (int i = 0; i < count; i++) {
            if (!Float.isFinite(values[i])) {
                throw problem(path, "tensor '" + name + "' has " + values[i] + " at place " + i + ", must be finite");
            }
        }
        return values;
    }

    private static SafetensorsException problem(Path path, String what) {
        return new SafetensorsException(path.toString(), -1, what);
    }
}
