package dev.fedtiny.experiment.checkpoint;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.NonFiniteException;
import dev.fedtiny.federation.MaskVersions;
import dev.fedtiny.method.AlgorithmState;
import dev.fedtiny.method.Costs;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.Methods;
import dev.fedtiny.method.ModelParts;
import dev.fedtiny.method.ServerMemory;
import dev.fedtiny.protocol.CachedMasks;
import dev.fedtiny.protocol.Kinds;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.RunningStatistics;
import dev.fedtiny.protocol.Traffic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The form of a {@link MethodState}: round (4), mask version (4), adjustments (4), number of devices (4) and the version each
 * acknowledged (4), costs, masks and active values of all parameters in {@code state_dict} order, memory; from version 3 on what
 * the server's optimiser remembers: its steps (8), and where it took any, for every parameter a count of arrays (1) and these, a value an
 * active position; from version 5 on the number of parts of the model (4) and of each the masks of the prunable parameters and its running
 * statistics.
 */
final class StateForm {
    private StateForm() {
    }

    static void write(CheckpointWriter writer, MethodState state) throws IOException {
        writer.int32(state.round()).int32(state.maskVersion()).int32(state.adjustments()).int32(state.acknowledged().versions().size());
        for (int version : state.acknowledged().versions()) {
            writer.int32(version);
        }
        writeCosts(writer, state.costs());
        ModelState model = state.model();
        for (int p = 0; p < model.masks().size(); p++) {
            writer.mask(model.mask(p)).float32s(model.values(p));
        }
        writeMemory(writer, state.memory());
        writeServer(writer, state.server());
        writeParts(writer, state.parts(), model.network());
    }

    /**
     * What a version holds beyond the first.
     *
     * @param server what a server's optimiser remembers
     * @param parts of the model that classes of devices hold
     */
    record Holds(boolean server, boolean parts) {
    }

    static MethodState read(CheckpointReader reader, Network network, Holds holds) throws IOException {
        int round = reader.int32In("round", 0, Integer.MAX_VALUE);
        int maskVersion = reader.int32In("mask version", 0, Integer.MAX_VALUE);
        int adjustments = reader.int32In("adjustments", 0, Integer.MAX_VALUE);
        int devices = reader.length("number of devices", 4);
        List<Integer> acknowledged = new ArrayList<>();
        for (int device = 0; device < devices; device++) {
            acknowledged.add(reader.int32In("acknowledged mask version", CachedMasks.NONE, maskVersion));
        }
        Costs costs = readCosts(reader);
        ModelState model = readModel(reader, network);
        AlgorithmState memory = readMemory(reader, network);
        ServerMemory server = holds.server() ? readServer(reader, model) : ServerMemory.NONE;
        ModelParts parts = holds.parts() ? readParts(reader, maskVersion, model) : ModelParts.none(maskVersion);
        return new MethodState(round, model, parts, adjustments, new MaskVersions(acknowledged), costs, memory, server);
    }

    private static void writeServer(CheckpointWriter writer, ServerMemory server) throws IOException {
        writer.int64(server.steps());
        for (float[][] parameter : server.arrays()) {
            writer.int8(parameter.length);
            for (float[] array : parameter) {
                writer.float32s(array);
            }
        }
    }

    private static void writeParts(CheckpointWriter writer, ModelParts parts, Network network) throws IOException {
        writer.int32(parts.parts().size());
        for (ModelParts.Part part : parts.parts()) {
            for (int p : network.prunable()) {
                writer.mask(part.masks().get(p));
            }
            for (float[] values : part.statistics().values()) {
                writer.float32s(values);
            }
        }
    }

    private static ServerMemory readServer(CheckpointReader reader, ModelState model) throws IOException {
        long steps = reader.count64("steps of the server's optimiser");
        List<float[][]> arrays = new ArrayList<>();
        for (int p = 0; steps > 0 && p < model.masks().size(); p++) {
            float[][] parameter = new float[reader.int8()][];
            for (int a = 0; a < parameter.length; a++) {
                parameter[a] = reader.float32s(model.mask(p).count());
            }
            arrays.add(parameter);
        }
        return new ServerMemory(steps, arrays);
    }

    /** Each part lies within the one before, the first within the model. */
    private static ModelParts readParts(CheckpointReader reader, int version, ModelState model) throws IOException {
        Network network = model.network();
        int count = reader.length("number of parts of the model", 1);
        List<ModelParts.Part> parts = new ArrayList<>();
        List<Mask> within = model.masks();
        for (int i = 0; i < count; i++) {
            List<Mask> masks = new ArrayList<>(model.masks());
            for (int p : network.prunable()) {
                Mask mask = reader.mask(network.parameters().get(p).size());
                if (!Arrays.stream(mask.indices()).allMatch(within.get(p)::contains)) {
                    throw reader.error("part " + (i + 1) + " of the model holds a weight of '" + network.parameters().get(p).name()
                            + "' that the larger part has pruned");
                }
                masks.set(p, mask);
            }
            List<float[]> statistics = new ArrayList<>();
            for (int p : RunningStatistics.positions(network)) {
                statistics.add(reader.float32s(network.parameters().get(p).size()));
            }
            parts.add(new ModelParts.Part(masks, new RunningStatistics(statistics)));
            within = masks;
        }
        return new ModelParts(version, parts);
    }

    /** What a method remembers: the sort, by its byte or by {@link Kinds#NAMED} and its name, and what the sort holds. */
    private static void writeMemory(CheckpointWriter writer, AlgorithmState memory) throws IOException {
        writer.int8(memory.kind().code());
        if (memory.kind().code() == Kinds.NAMED) {
            byte[] name = memory.kind().name().getBytes(StandardCharsets.US_ASCII);
            writer.int8(name.length).bytes(name);
        }
        memory.write(writer);
    }

    private static AlgorithmState readMemory(CheckpointReader reader, Network network) throws IOException {
        Kinds<AlgorithmState.Kind> known = Methods.states();
        int code = reader.int8();
        String name = code == Kinds.NAMED ? Kinds.name(reader.bytes(reader.int8())) : "";
        Optional<AlgorithmState.Kind> kind = code == Kinds.NAMED ? known.find(name) : known.find(code);
        return kind.orElseThrow(() -> reader.error("sort of memory is " + (code == Kinds.NAMED ? "'" + name + "'" : code)
                + ", expected one of " + known + "; go on with the methods that wrote it")).reader().read(reader, network);
    }

    private static ModelState readModel(CheckpointReader reader, Network network) throws IOException {
        List<Mask> masks = new ArrayList<>();
        List<float[]> values = new ArrayList<>();
        for (Parameter parameter : network.parameters()) {
            Mask mask = reader.mask(parameter.size());
            if (!mask.isFull() && !parameter.prunable()) {
                throw reader.error("'" + parameter.name() + "' is pruned, which this network does not allow");
            }
            masks.add(mask);
            values.add(reader.float32s(mask.count()));
        }
        try {
            return ModelState.of(network, masks, values);
        } catch (NonFiniteException e) {
            throw reader.error(e.getMessage());
        }
    }

    private static void writeCosts(CheckpointWriter writer, Costs costs) throws IOException {
        writer.int64(costs.flops()).int64(costs.nanos()).int32(costs.traffic().counts().size());
        for (Map.Entry<MessageKind, Traffic.Count> entry : costs.traffic().counts().entrySet()) {
            writer.int8(entry.getKey().code()).int64(entry.getValue().frames()).int64(entry.getValue().bytes());
        }
    }

    private static Costs readCosts(CheckpointReader reader) throws IOException {
        long flops = reader.count64("FLOPs");
        long nanos = reader.count64("wall time");
        int kinds = reader.int32In("number of message kinds", 0, MessageKind.values().length);
        Map<MessageKind, Traffic.Count> counts = new EnumMap<>(MessageKind.class);
        for (int i = 0; i < kinds; i++) {
            byte code = (byte) reader.int8();
            MessageKind kind = MessageKind.ofCode(code).orElseThrow(() -> reader.error("there is no message of type " + code));
            counts.put(kind, new Traffic.Count(reader.count64("frames"), reader.count64("bytes")));
        }
        return new Costs(new Traffic(counts), flops, nanos);
    }
}
