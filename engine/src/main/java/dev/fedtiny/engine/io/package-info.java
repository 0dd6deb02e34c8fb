/**
 * Files: {@link dev.fedtiny.engine.io.SafetensorsFile} and {@link dev.fedtiny.engine.io.SafetensorsWriter} for tensors by name,
 * {@link dev.fedtiny.engine.io.ModelFile} for a whole {@link dev.fedtiny.engine.nn.ModelState} in them, dense as PyTorch loads it or
 * compact, and {@link dev.fedtiny.engine.io.AtomicFile}, by which no reader ever sees half a file. Every failure of a file's content
 * is a {@link dev.fedtiny.engine.io.SafetensorsException} that names file, byte offset, what was found and what was expected.
 */
package dev.fedtiny.engine.io;
