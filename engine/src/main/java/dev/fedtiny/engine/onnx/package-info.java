/**
 * Models of others, in ONNX: {@code OnnxFile} reads the graphs of convolutional networks for inference and training,
 * and writes networks of this engine. Nothing of ONNX's own code is used; a file is read by position, checked before anything is allocated
 * for it, and refused with all reasons at once where it holds what cannot be taken.
 */
package dev.fedtiny.engine.onnx;
