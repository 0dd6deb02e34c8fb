package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.kernel.PoolWindows;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Pool2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/** What all poolings do with their geometry: write and read it, and say which windows there are of a map or a tile. */
final class PoolAttributes {
    private PoolAttributes() {
    }

    static Attributes of(Pool2dGeometry geometry) {
        Padding padding = geometry.padding();
        return Attributes.EMPTY.with("kernel", List.of(geometry.kernel().height(), geometry.kernel().width()))
                .with("stride", List.of(geometry.stride().height(), geometry.stride().width()))
                .with("padding", List.of(padding.top(), padding.left(), padding.bottom(), padding.right()))
                .with("ceil_mode", geometry.ceilMode());
    }

    static Pool2dGeometry geometry(Attributes attributes, Shape input) {
        List<Integer> kernel = attributes.integers("kernel", 2);
        List<Integer> stride = attributes.integers("stride", 2);
        List<Integer> padding = attributes.integers("padding", 4);
        return new Pool2dGeometry(input, new PerAxis(kernel.get(0), kernel.get(1)), new PerAxis(stride.get(0), stride.get(1)),
                new Padding(padding.get(0), padding.get(1), padding.get(2), padding.get(3)), attributes.flag("ceil_mode"));
    }

    static Reads reads(Pool2dGeometry geometry, float border) {
        return new Reads.Window(geometry.kernel().height(), geometry.kernel().width(), geometry.stride().height(),
                geometry.stride().width(), geometry.padding().top(), geometry.padding().left(), border);
    }

    /** Where the view's windows have their border, there is no padding left. */
    static PoolWindows windows(Pool2dGeometry geometry, View view) {
        Padding padding = view.bordered() ? Padding.NONE : geometry.padding();
        return new PoolWindows(new PoolWindows.Axis(view.input().height(), view.output().height(), geometry.kernel().height(),
                geometry.stride().height(), padding.top(), padding.bottom()), new PoolWindows.Axis(view.input().width(),
                view.output().width(), geometry.kernel().width(), geometry.stride().width(), padding.left(), padding.right()));
    }
}
