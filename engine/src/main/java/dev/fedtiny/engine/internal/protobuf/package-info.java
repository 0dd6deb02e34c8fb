/** Messages in the wire format of protocol buffers (protobuf.dev, "Encoding"), written without its library: for ONNX and for events. */
package dev.fedtiny.engine.internal.protobuf;
