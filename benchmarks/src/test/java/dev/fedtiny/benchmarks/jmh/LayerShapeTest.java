package dev.fedtiny.benchmarks.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.layer.Conv2d;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayerShapeTest {
    @Test
    void shapeFilesAreTheNetworksRealLayers() {
        for (String model : LayerShape.MODELS) {
            List<LayerShape> real = new NetworkSpec(Architecture.ofKey(model), new Shape(3, 32, 32), 64, 10).build().layers().stream()
                    .filter(Conv2d.class::isInstance).map(Conv2d.class::cast)
                    .map(conv -> new LayerShape(model, conv.name(), conv.geometry())).toList();
            assertEquals(real, LayerShape.of(model));
        }
    }

    @Test
    void everyShapeStandsOnceAmongTheDistinctOnes() {
        assertEquals(11, LayerShape.distinct("resnet18").size());
        assertEquals(7, LayerShape.distinct("vgg11").size());
    }

    @Test
    void malformedLinesAreNamed() {
        assertEquals(1, LayerShape.parse("x", "# comment\n\na 3 4 8 8 3 1 1\n").size());
        String few = assertThrows(IllegalArgumentException.class, () -> LayerShape.parse("x", "a 3 4 8 8 3 1")).getMessage();
        assertTrue(few.contains("7 fields"), few);
        String word = assertThrows(IllegalArgumentException.class, () -> LayerShape.parse("x", "a 3 4 8 8 three 1 1")).getMessage();
        assertTrue(word.contains("'three'"), word);
        String key = assertThrows(IllegalArgumentException.class, () -> LayerShape.ofKey("vgg11/conv1")).getMessage();
        assertTrue(key.contains("vgg11/features.0"), key);
        assertThrows(IllegalArgumentException.class, () -> LayerShape.ofKey("lenet/conv1"));
    }
}
