/** Sparse tensors, kernels, networks and training in pure Java; see the package documentation of each part. */
// The compiler does not see dev.fedtiny, which is built later, and warns about the qualified exports.
@SuppressWarnings("module")
module dev.fedtiny.engine {
    requires static jdk.incubator.vector;
    requires static jdk.jfr;
    requires java.management;
    requires jdk.management;

    exports dev.fedtiny.engine.internal.check to dev.fedtiny;
    exports dev.fedtiny.engine.internal.json to dev.fedtiny;
    exports dev.fedtiny.engine.internal.probe to dev.fedtiny;
    exports dev.fedtiny.engine.internal.protobuf to dev.fedtiny;
    exports dev.fedtiny.engine.cost;
    exports dev.fedtiny.engine.io;
    exports dev.fedtiny.engine.layer;
    exports dev.fedtiny.engine.loss;
    exports dev.fedtiny.engine.measure;
    exports dev.fedtiny.engine.model;
    exports dev.fedtiny.engine.onnx;
    exports dev.fedtiny.engine.op;
    exports dev.fedtiny.engine.pruning;
    exports dev.fedtiny.engine.runtime;
    exports dev.fedtiny.engine.session;
    exports dev.fedtiny.engine.sparse;
    exports dev.fedtiny.engine.tensor;
    exports dev.fedtiny.engine.train;

    uses dev.fedtiny.engine.layer.LayerKind;
}
