/**
 * Files: {@link dev.fedtiny.engine.io.SafetensorsFile} and {@link dev.fedtiny.engine.io.SafetensorsWriter} for tensors by name,
 * {@link dev.fedtiny.engine.io.ModelFile} for a whole {@link dev.fedtiny.engine.model.ModelState} in them, dense as PyTorch loads it or
 * compact, and {@link dev.fedtiny.engine.io.AtomicFile}, by which no reader ever sees half a file. Every failure of a file's content
 * is a {@link dev.fedtiny.engine.io.SafetensorsException} that names file, byte offset, what was found and what was expected. A file that
 * cannot be written is a {@link dev.fedtiny.engine.io.FileWriteException}; {@link dev.fedtiny.engine.io.IoProblem} says in a sentence
 * what an exception of the platform means.
 */
package dev.fedtiny.engine.io;
