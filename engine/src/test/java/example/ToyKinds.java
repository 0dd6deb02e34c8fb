package example;

import dev.fedtiny.engine.layer.Attributes;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.LayerKind;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/** What makes the toy {@link SignedSquare} known to files, as a service; the other toys are read by their kinds directly. */
public final class ToyKinds implements LayerKind {
    /** The kinds of the toys that are no service. */
    public static final List<LayerKind> OTHERS = List.of(ScaledProduct.KIND, Tempered.KIND);

    @Override
    public String key() {
        return SignedSquare.KIND.key();
    }

    @Override
    public Layer read(Attributes attributes, List<Integer> sources, List<Shape> inputs) {
        return SignedSquare.KIND.read(attributes, sources, inputs);
    }
}
