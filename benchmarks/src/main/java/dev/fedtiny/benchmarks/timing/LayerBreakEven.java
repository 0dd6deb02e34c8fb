package dev.fedtiny.benchmarks.timing;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.model.ConvolutionShape;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * What the forms cost for one shape of convolution.
 *
 * @param names layers of that shape
 * @param geometry the shape
 * @param densities ascending
 * @param dense measured once: its time does not depend on the density
 * @param transformed Winograd's transform, likewise; none for shapes that it has no form for
 * @param csr one a density
 * @param bitmask one a density
 */
public record LayerBreakEven(List<String> names, Conv2dGeometry geometry, double[] densities, LayerTimes dense,
        Optional<LayerTimes> transformed,
        List<LayerTimes> csr, List<LayerTimes> bitmask) {
    public static final String[] HEADING = {"layer (" + ConvolutionShape.FIELDS + ")", "forward", "backward-data", "backward-weight",
        "whole",
            "winograd whole", "bitmask whole"};

    /** Where dense and CSR cross, in one part of the work. */
    public BreakEven csr(ToDoubleFunction<LayerTimes> part) {
        return crossing(csr, part, dense);
    }

    /** Where Winograd's transform and CSR cross in all of the work. */
    private Optional<BreakEven> transformedFrom() {
        return transformed.map(times -> crossing(csr, LayerTimes::whole, times));
    }

    /** Where dense and bitmask cross. */
    BreakEven bitmask(ToDoubleFunction<LayerTimes> part) {
        return crossing(bitmask, part, dense);
    }

    private BreakEven crossing(List<LayerTimes> sparse, ToDoubleFunction<LayerTimes> part, LayerTimes full) {
        return BreakEven.of(densities, sparse.stream().mapToDouble(part).toArray(), part.applyAsDouble(full));
    }

    /** What one form costs at the {@code index}-th density. */
    public LayerTimes times(ConvolutionAlgorithm algorithm, int index) {
        return switch (algorithm) {
            case CSR -> csr.get(index);
            case BITMASK -> bitmask.get(index);
            case DENSE -> dense;
            case WINOGRAD -> transformed.orElseThrow();
        };
    }

    /** The shape, as tables name it. */
    public ConvolutionShape shape() {
        return ConvolutionShape.of(geometry);
    }

    /** A row of {@link #HEADING}. */
    public String[] row() {
        boolean backward = dense.backwardData() > 0;
        return new String[] {shape().toString(), csr(LayerTimes::forward).text(), backward ? csr(LayerTimes::backwardData).text() : "-",
            csr(LayerTimes::backwardWeight).text(), csr(LayerTimes::whole).text(), transformedFrom().map(BreakEven::text).orElse("-"),
            bitmask(LayerTimes::whole).text()};
    }

    /** All times, densest first. */
    public TextTable times() {
        TextTable table = new TextTable("density", "csr forward", "data", "weight", "whole", "bitmask forward", "data", "weight", "whole");
        for (int i = densities.length - 1; i >= 0; i--) {
            List<String> cells = new ArrayList<>(List.of(Double.toString(densities[i])));
            add(cells, csr.get(i));
            add(cells, bitmask.get(i));
            table.row(cells.toArray(String[]::new));
        }
        full(table, "dense", dense);
        transformed.ifPresent(times -> full(table, "winograd", times));
        return table;
    }

    private static void full(TextTable table, String name, LayerTimes times) {
        List<String> cells = new ArrayList<>(List.of(name));
        add(cells, times);
        cells.addAll(List.of("", "", "", ""));
        table.row(cells.toArray(String[]::new));
    }

    private static void add(List<String> cells, LayerTimes times) {
        for (double millis : new double[] {times.forward(), times.backwardData(), times.backwardWeight(), times.whole()}) {
            cells.add(Units.fixed(millis, 3));
        }
    }

    /** Everything. */
    public JsonObject json() {
        List<JsonValue> cells = new ArrayList<>();
        for (int i = 0; i < densities.length; i++) {
            cells.add(json(ConvolutionAlgorithm.CSR, csr.get(i)).put("density", densities[i]).build());
            cells.add(json(ConvolutionAlgorithm.BITMASK, bitmask.get(i)).put("density", densities[i]).build());
        }
        JsonObject.Builder json = JsonObject.builder().put("layers", JsonValue.JsonArray.ofStrings(names))
                .put("channels", geometry.input().channels()).put("outputChannels", geometry.outputChannels())
                .put("height", geometry.input().height())
                .put("width", geometry.input().width()).put("kernel", geometry.kernel().toString())
                .put("stride", geometry.stride().toString()).put("groups", geometry.groups())
                .put("denseFrom", csr(LayerTimes::whole).density()).put("denseFromForward", csr(LayerTimes::forward).density())
                .put("denseFromBackwardData", csr(LayerTimes::backwardData).density())
                .put("denseFromBackwardWeight", csr(LayerTimes::backwardWeight).density())
                .put("denseFromAgainstBitmask", bitmask(LayerTimes::whole).density())
                .put("dense", json(ConvolutionAlgorithm.DENSE, dense).build()).put("sparse", new JsonValue.JsonArray(cells));
        transformed.ifPresent(times -> json.put("transformedFrom", transformedFrom().orElseThrow().density())
                .put("transformed", json(ConvolutionAlgorithm.WINOGRAD, times).build()));
        return json.build();
    }

    private static JsonObject.Builder json(ConvolutionAlgorithm algorithm, LayerTimes times) {
        return JsonObject.builder().put("format", algorithm.name().toLowerCase(Locale.ROOT)).put("forwardMillis", times.forward())
                .put("backwardDataMillis", times.backwardData()).put("backwardWeightMillis", times.backwardWeight())
                .put("refreshMillis", times.refresh()).put("wholeMillis", times.whole());
    }
}
